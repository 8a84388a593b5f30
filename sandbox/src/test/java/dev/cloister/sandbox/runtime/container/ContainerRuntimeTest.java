package dev.cloister.sandbox.runtime.container;

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

/** Functions in containers do what functions do, in control groups, without, and connected. */
@RequiresProgram({"bwrap", "python3"})
final class ContainerRuntimeTest {

  /** What all have in common. */
  abstract static class Contained extends FunctionRuntimeContract {
    @TempDir private Path directory;
    private final ExecutorService tasks =
        Executors.newThreadPerTaskExecutor(Executors.defaultThreadFactory());
    private Image image;
    private ContainerRuntime runtime;

    abstract ContainerRuntime open() throws IOException;

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
  final class InAControlGroup extends Contained {
    @Override
    ContainerRuntime open() throws IOException {
      return ContainerRuntime.open(Thread.ofPlatform().factory(), TimeSource.system());
    }
  }

  @Nested
  final class WithoutAControlGroup extends Contained {
    @Override
    ContainerRuntime open() throws IOException {
      return ContainerRuntime.openWithoutGroups(Thread.ofPlatform().factory(), TimeSource.system());
    }
  }
}
