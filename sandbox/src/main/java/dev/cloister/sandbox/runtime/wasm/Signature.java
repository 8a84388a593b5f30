package dev.cloister.sandbox.runtime.wasm;

import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.ValType;
import java.util.List;

/** The types of functions in one letter a value: {@code i} for 32 bits, {@code l} for 64. */
final class Signature {
  private Signature() {}

  static FunctionType of(String parameters, String results) {
    return FunctionType.of(types(parameters), types(results));
  }

  private static List<ValType> types(String letters) {
    return letters.chars().mapToObj(letter -> letter == 'l' ? ValType.I64 : ValType.I32).toList();
  }
}
