package dev.cloister.sandbox.runtime.process;

import dev.cloister.core.TimeSource;
import dev.cloister.core.policy.ResourceLimits;
import dev.cloister.core.testing.RequiresProgram;
import dev.cloister.sandbox.image.Image;
import dev.cloister.sandbox.runtime.FunctionRuntime;
import dev.cloister.sandbox.runtime.Launch;
import dev.cloister.sandbox.runtime.spawned.PythonFunctions;
import dev.cloister.sandbox.testing.FunctionRuntimeContract;
import dev.cloister.sandbox.testing.PythonBehaviours;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

/** Functions as confined processes of this host, in control groups and without. */
@RequiresProgram("python3")
final class ProcessRuntimeTest {

  /** What both have in common. */
  abstract static class Confined extends FunctionRuntimeContract {
    @TempDir private Path directory;
    private final ExecutorService tasks =
        Executors.newThreadPerTaskExecutor(Executors.defaultThreadFactory());
    private Image image;
    private ProcessRuntime runtime;

    abstract ProcessRuntime open();

    @BeforeEach
    void openTheRuntime() throws IOException {
      image = PythonFunctions.image(directory);
      runtime = open();
    }

    @AfterEach
    void closeTheRuntime() throws IOException {
      tasks.close();
      runtime.close();
    }

    @Override
    protected ExecutorService tasks() {
      return tasks;
    }

    @Override
    protected FunctionRuntime runtime() {
      return runtime;
    }

    @Override
    protected Launch launch(String cell, ResourceLimits limits) {
      return PythonFunctions.launch(cell, image, limits);
    }

    @Override
    protected byte[] code(Behaviour behaviour) {
      return PythonBehaviours.code(behaviour);
    }
  }

  @Nested
  final class InAControlGroup extends Confined {
    @Override
    ProcessRuntime open() {
      return ProcessRuntime.open(Thread.ofPlatform().factory(), TimeSource.system());
    }
  }

  @Nested
  final class WithoutAControlGroup extends Confined {
    @Override
    ProcessRuntime open() {
      return ProcessRuntime.openWithoutGroups(Thread.ofPlatform().factory(), TimeSource.system());
    }
  }
}
