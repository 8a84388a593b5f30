package dev.cloister.sandbox.runtime.wasm;

import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.ExternalType;
import com.dylibso.chicory.wasm.types.FunctionType;

/**
 * What of WebAssembly a module may use: version 1, sign extension, saturating conversion, bulk
 * memory, several values, and references. Not what allocates outside the memory that is limited
 * (structs and arrays), nor what the limits were not tried against: threads, exceptions, tail
 * calls, vectors, a second memory.
 */
final class Features {
  private static final int LAST_OF_VERSION_1 = 0xc4;
  private static final int FIRST_OF_EXCEPTIONS = 0x06;
  private static final int LAST_OF_EXCEPTIONS = 0x0a;
  private static final int FIRST_OF_TAIL_CALLS = 0x12;
  private static final int LAST_OF_TYPED_CALLS = 0x15;
  private static final int TRY_TABLE = 0x1f;
  private static final int FIRST_OF_REFERENCES = 0xd0;
  private static final int LAST_OF_REFERENCES = 0xd2;
  private static final int FIRST_OF_BULK = 0xfc00;
  private static final int LAST_OF_BULK = 0xfc11;

  private Features() {}

  static void check(WasmModule module) throws ModuleRejected {
    memory(module);
    tables(module);
    entry(module);
    for (var body : module.codeSection().functionBodies()) {
      for (var instruction : body.instructions()) {
        var opcode = instruction.opcode();
        if (!allowed(opcode.opcode())) {
          throw new ModuleRejected(
              "instruction %s: it belongs to a part of WebAssembly that is not run here"
                  .formatted(opcode));
        }
      }
    }
  }

  private static boolean allowed(int opcode) {
    if (opcode <= LAST_OF_VERSION_1) {
      return (opcode < FIRST_OF_EXCEPTIONS || opcode > LAST_OF_EXCEPTIONS)
          && (opcode < FIRST_OF_TAIL_CALLS || opcode > LAST_OF_TYPED_CALLS)
          && opcode != TRY_TABLE;
    }
    return (opcode >= FIRST_OF_REFERENCES && opcode <= LAST_OF_REFERENCES)
        || (opcode >= FIRST_OF_BULK && opcode <= LAST_OF_BULK);
  }

  private static void memory(WasmModule module) throws ModuleRejected {
    var memories = module.memorySection().map(section -> section.memoryCount()).orElse(0);
    if (memories != 1) {
      throw new ModuleRejected(memories + " memories of its own: it must have one");
    }
    if (module.memorySection().orElseThrow().getMemory(0).limits().shared()) {
      throw new ModuleRejected("a shared memory: there are no threads here");
    }
    if (!exports(module, Engine.MEMORY, ExternalType.MEMORY)) {
      throw new ModuleRejected("it exports no memory named " + Engine.MEMORY);
    }
  }

  private static void tables(WasmModule module) throws ModuleRejected {
    var entries = 0L;
    for (var i = 0; i < module.tableSection().tableCount(); i++) {
      entries += module.tableSection().getTable(i).limits().min();
    }
    if (entries > Engine.TABLE_ENTRIES) {
      throw new ModuleRejected(
          "tables of %d entries: at most %d".formatted(entries, Engine.TABLE_ENTRIES));
    }
  }

  private static void entry(WasmModule module) throws ModuleRejected {
    for (var i = 0; i < module.exportSection().exportCount(); i++) {
      var export = module.exportSection().getExport(i);
      if (export.name().equals(Engine.ENTRY) && export.exportType() == ExternalType.FUNCTION) {
        if (!type(module, export.index()).equals(FunctionType.empty())) {
          throw new ModuleRejected(Engine.ENTRY + " takes or gives something: it must be () -> ()");
        }
        return;
      }
    }
    throw new ModuleRejected("it exports no function named " + Engine.ENTRY + ": link a program");
  }

  private static FunctionType type(WasmModule module, int function) {
    var imported = module.importSection().count(ExternalType.FUNCTION);
    if (function < imported) {
      throw new IllegalArgumentException("it exports what it imports");
    }
    return module
        .typeSection()
        .getType(module.functionSection().getFunctionType(function - imported));
  }

  private static boolean exports(WasmModule module, String name, ExternalType type) {
    for (var i = 0; i < module.exportSection().exportCount(); i++) {
      var export = module.exportSection().getExport(i);
      if (export.name().equals(name) && export.exportType() == type) {
        return true;
      }
    }
    return false;
  }
}
