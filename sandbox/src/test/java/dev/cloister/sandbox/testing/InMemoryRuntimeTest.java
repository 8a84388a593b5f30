package dev.cloister.sandbox.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cloister.core.Denied;
import dev.cloister.core.policy.NetworkPolicy;
import dev.cloister.core.policy.ResourceLimits;
import dev.cloister.sandbox.runtime.CellApi;
import dev.cloister.sandbox.runtime.FunctionRuntime;
import dev.cloister.sandbox.runtime.Launch;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;

/** The fake keeps the contract of all runtimes, as far as it claims anything. */
final class InMemoryRuntimeTest extends FunctionRuntimeContract {
  private final ExecutorService tasks = Executors.newVirtualThreadPerTaskExecutor();

  @Override
  protected FunctionRuntime runtime() {
    return InMemoryRuntime.of(InMemoryRuntimeTest::run);
  }

  @Override
  protected ExecutorService tasks() {
    return tasks;
  }

  @AfterEach
  void noTaskIsLeft() {
    tasks.close();
  }

  @Override
  protected Launch launch(String cell, ResourceLimits limits) {
    return new Launch(cell, InMemoryRuntime.image("java"), Set.of(), limits, NetworkPolicy.none());
  }

  @Override
  protected byte[] code(Behaviour behaviour) {
    return bytes(behaviour.name());
  }

  private static void run(byte[] code, CellApi api) throws Exception {
    switch (Behaviour.valueOf(new String(code, UTF_8))) {
      case ECHO -> echo(api);
      case STORE -> {
        api.put("answer", bytes("42"));
        api.send(api.get("answer").orElseThrow());
      }
      case COUNT_AND_EXIT -> {
        for (var i = 0; i < 10; i++) {
          api.send(bytes(Integer.toString(i)));
        }
        throw new InMemoryRuntime.Exit(7);
      }
      case RAISE -> throw new IllegalStateException("no such luck");
      case ASK_THE_TIME -> {
        try {
          api.send(bytes(api.time().toString()));
        } catch (Denied e) {
          api.send(bytes(e.rule().replace("api.", "")));
        }
      }
      case SPIN -> spin(api);
      case HOARD, MULTIPLY -> throw new AssertionError("not written for this");
    }
  }

  private static void echo(CellApi api) throws InterruptedException {
    for (var message = api.receive(Duration.ofSeconds(10)); message.isPresent(); ) {
      api.send(message.get());
      message = api.receive(Duration.ofSeconds(10));
    }
  }

  /** Heeds interruption: nothing else ends a thread of Java. */
  private static void spin(CellApi api) throws InterruptedException {
    api.send(bytes("on"));
    while (!Thread.currentThread().isInterrupted()) {
      Thread.onSpinWait();
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }
}
