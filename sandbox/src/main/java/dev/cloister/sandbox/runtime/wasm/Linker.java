package dev.cloister.sandbox.runtime.wasm;

import com.dylibso.chicory.runtime.HostFunction;
import com.dylibso.chicory.runtime.ImportValues;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.FunctionImport;
import java.util.Map;

/** Gives a module what it asks for by name; a name or a type that there is not is refused. */
final class Linker {
  private Linker() {}

  static ImportValues link(WasmModule module, GuestSide side) throws ModuleRejected {
    var offered =
        Map.of(
            "cell", new CellImports(side).functions(),
            "wasi_snapshot_preview1", new WasiImports(side).functions());
    var given = ImportValues.builder();
    for (var i = 0; i < module.importSection().importCount(); i++) {
      var wanted = module.importSection().getImport(i);
      var name = wanted.module() + "." + wanted.name();
      var found = offered.getOrDefault(wanted.module(), Map.of()).get(wanted.name());
      if (found == null || !(wanted instanceof FunctionImport function)) {
        throw new ModuleRejected(
            "it imports %s: allowed are functions of %s"
                .formatted(
                    name, String.join(" and ", offered.keySet().stream().sorted().toList())));
      }
      var type = module.typeSection().getType(function.typeIndex());
      if (!found.type().equals(type)) {
        throw new ModuleRejected(
            "it imports %s as %s: it is %s".formatted(name, type, found.type()));
      }
      given.addFunction(
          new HostFunction(wanted.module(), wanted.name(), found.type(), found.handle()));
    }
    return given.build();
  }
}
