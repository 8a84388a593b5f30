package dev.cloister.sandbox.runtime.wasm;

import dev.cloister.core.policy.ResourceLimits;
import dev.cloister.core.testing.RequiresProgram;
import dev.cloister.sandbox.image.Image;
import dev.cloister.sandbox.runtime.FunctionRuntime;
import dev.cloister.sandbox.runtime.Launch;
import dev.cloister.sandbox.testing.FunctionRuntimeContract;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

/** Functions in JavaScript, and as modules of WebAssembly. */
final class WasmRuntimeTest {
  /** Compiled once: it is most of what a test would take. */
  private static final WasmRuntime RUNTIME =
      WasmRuntime.create(Thread.ofPlatform().stackSize(WasmRuntime.STACK_BYTES).factory());

  /** What both have in common. */
  abstract static class Compiled extends FunctionRuntimeContract {
    @TempDir private Path directory;
    private final ExecutorService tasks =
        Executors.newThreadPerTaskExecutor(Executors.defaultThreadFactory());
    private Image image;

    abstract String imageName();

    @BeforeEach
    void installTheImage() throws IOException {
      image = WasmFunctions.image(directory, imageName());
    }

    @AfterEach
    void waitForTheTasks() {
      tasks.close();
    }

    @Override
    protected ExecutorService tasks() {
      return tasks;
    }

    @Override
    protected FunctionRuntime runtime() {
      return RUNTIME;
    }

    @Override
    protected Launch launch(String cell, ResourceLimits limits) {
      return WasmFunctions.launch(cell, image, limits);
    }

    @Override
    protected Set<Behaviour> impossible() {
      return Set.of(Behaviour.MULTIPLY);
    }
  }

  @Nested
  @RequiresProgram("wat2wasm")
  final class AsModules extends Compiled {
    @Override
    String imageName() {
      return "webassembly";
    }

    @Override
    protected byte[] code(Behaviour behaviour) {
      return WasmFunctions.module(behaviour);
    }
  }

  @Nested
  final class InJavaScript extends Compiled {
    @Override
    String imageName() {
      return "javascript";
    }

    @Override
    protected byte[] code(Behaviour behaviour) {
      return WasmFunctions.script(behaviour);
    }
  }
}
