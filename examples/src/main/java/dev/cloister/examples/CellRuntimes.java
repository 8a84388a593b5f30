package dev.cloister.examples;

import dev.cloister.core.TimeSource;
import dev.cloister.examples.Example.BadRequest;
import dev.cloister.sandbox.runtime.FunctionRuntime;
import dev.cloister.sandbox.runtime.container.ContainerRuntime;
import dev.cloister.sandbox.runtime.process.ProcessRuntime;
import dev.cloister.sandbox.runtime.wasm.WasmRuntime;
import java.io.Closeable;
import java.io.IOException;

/** The runtimes that an example can be told to use, each with what closes it. */
record CellRuntimes(FunctionRuntime runtime, Closeable owned) implements Closeable {

  static CellRuntimes named(String name) throws BadRequest, IOException {
    return switch (name) {
      case "process" -> {
        var process = ProcessRuntime.open(Thread.ofPlatform().factory(), TimeSource.system());
        yield new CellRuntimes(process, process::close);
      }
      case "container" -> {
        var container = ContainerRuntime.open(Thread.ofPlatform().factory(), TimeSource.system());
        yield new CellRuntimes(container, container::close);
      }
      case "wasm" -> {
        var stacks = Thread.ofPlatform().stackSize(WasmRuntime.STACK_BYTES);
        yield new CellRuntimes(WasmRuntime.create(stacks.factory()), () -> {});
      }
      default ->
          throw new BadRequest("--runtime " + name + ": allowed are process, container and wasm");
    };
  }

  @Override
  public void close() throws IOException {
    owned.close();
  }
}
