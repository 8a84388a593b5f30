package dev.cloister.sandbox.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cloister.core.Denied;
import dev.cloister.core.policy.Resource;
import dev.cloister.core.policy.ResourceLimits;
import dev.cloister.core.token.Terms;
import dev.cloister.sandbox.runtime.CellApi;
import dev.cloister.sandbox.testing.InMemoryRuntime;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The sum of promises never exceeds what the operator gave, whoever asks for what and when. */
final class AdmissionTest {
  private static final int STARTS = 1000;

  @TempDir private Path directory;

  private static void waits(byte[] code, CellApi api) throws InterruptedException {
    api.receive(Duration.ofMinutes(1));
  }

  private World world(String policy) throws IOException {
    return new World(directory.resolve("cells"), policy, InMemoryRuntime.of(AdmissionTest::waits));
  }

  /** So much of everything for one function, and so much for all. */
  private static String policy(long perFunction, long total) {
    return """
    version: 1
    images: [java]
    api: [receive, poll, send, store, random, time, exit]
    perFunction: {%s}
    total: {%s}
    lifetime: 31622400
    """
        .formatted(each(perFunction), each(total));
  }

  private static String each(long amount) {
    return Arrays.stream(Resource.values())
        .map(resource -> resource.label() + ": " + amount)
        .collect(Collectors.joining(", "));
  }

  private static void hold(CellHost host, ResourceLimits total) {
    assertThat(host.promised().fitsIn(total)).as("%s", host.promised()).isTrue();
  }

  @Test
  void aThousandStartsAtOnceGetNoMoreThanThereIs() throws Exception {
    try (var world = world(policy(10, 35))) {
      var started = new AtomicInteger();
      try (var all = Executors.newVirtualThreadPerTaskExecutor()) {
        for (var i = 0; i < STARTS; i++) {
          var _ =
              all.submit(() -> {
                world.host.start(World.manifest());
                return started.incrementAndGet();
              });
        }
      }
      assertThat(started).hasValue(3);
      hold(world.host, world.host.policy().total());
      assertThat(world.host.ledger().counters())
          .containsEntry("cells.started", 3L)
          .containsEntry("cells.refused.total", STARTS - 3L);
    }
  }

  @Test
  void promisesHoldWhileCellsComeAndGoAndReturnToZero() throws Exception {
    try (var world = world(policy(10, 35))) {
      var total = world.host.policy().total();
      Queue<String> wrong = new ConcurrentLinkedQueue<>();
      var living = new AtomicInteger();
      var started = new AtomicInteger();
      try (var all = Executors.newFixedThreadPool(16)) {
        for (var i = 0; i < STARTS; i++) {
          var _ =
              all.submit(() -> {
                var cell = world.host.start(World.manifest());
                started.incrementAndGet();
                if (living.incrementAndGet() > 3 || !world.host.promised().fitsIn(total)) {
                  wrong.add(living + " cells, " + world.host.promised());
                }
                living.decrementAndGet();
                world.host.shutdown(Shown.now(cell.grant().shutdown()));
                return null;
              });
        }
      }
      assertThat(wrong).isEmpty();
      assertThat(started).hasValueGreaterThan(3);
      assertThat(world.host.promised().fitsIn(ResourceLimits.none())).isTrue();
      for (var i = 0; i < 3; i++) {
        world.host.start(World.manifest());
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Resource.class)
  void whatOneFunctionGetsIsGivenToTheLastUnitAndNotOneMore(Resource resource) throws Exception {
    try (var world = world(policy(10, 100))) {
      var most = world.host.policy().perFunction().of(resource);
      world.host.start(World.manifest(asking(resource, most)));
      assertThatExceptionOfType(Denied.class)
          .isThrownBy(() -> world.host.start(World.manifest(asking(resource, most + 1))))
          .withMessageContaining(resource.label());
    }
  }

  @ParameterizedTest
  @EnumSource(Resource.class)
  void whatAllGetIsGivenToTheLastUnitAndNotOneMore(Resource resource) throws Exception {
    try (var world = world(policy(10, 15))) {
      world.host.start(World.manifest());
      var total = world.host.policy().total();
      var left = total.minus(world.host.promised()).of(resource);
      assertThatExceptionOfType(Denied.class)
          .isThrownBy(() -> world.host.start(World.manifest(only(resource, left + 1))))
          .withMessageContaining(resource.label())
          .withMessageContaining(resource.text(left) + " left");
      world.host.start(World.manifest(only(resource, left)));
      assertThat(world.host.promised().of(resource)).isEqualTo(total.of(resource));
    }
  }

  private static String asking(Resource resource, long amount) {
    return "limits: {%s: %s}".formatted(resource.label(), resource.text(amount));
  }

  private static String only(Resource resource, long amount) {
    return Arrays.stream(Resource.values())
        .map(each -> each.label() + ": " + each.text(each == resource ? amount : 0))
        .collect(Collectors.joining(", ", "limits: {", "}"));
  }

  @Test
  void theLargestAmountsThereAreDoNotOverflow() throws Exception {
    var most = Resource.AMOUNT_MAX / 1_000_000;
    try (var world = world(policy(most, most))) {
      world.host.start(World.manifest());
      for (var i = 0; i < 2000; i++) {
        assertThatExceptionOfType(Denied.class)
            .isThrownBy(() -> world.host.start(World.manifest()))
            .withMessageContaining("0 left");
      }
      hold(world.host, world.host.policy().total());
    }
  }

  @Test
  void aLifetimeBeyondThatOfAnyTokenIsAsLongAsTheTokens() throws Exception {
    try (var world = world(World.POLICY.replace("lifetime: 600", "lifetime: 316224000"))) {
      var cell = world.running();
      world.time.advance(Terms.LONGEST);
      assertThatExceptionOfType(Denied.class).isThrownBy(() -> world.attached(cell, -1));
    }
  }

  @Test
  void aPolicyThatGivesNoTimeStartsNothingAndSaysSo() throws Exception {
    var policy =
        "version: 1\nimages: [java]\napi: [receive, poll, send, store, random, time, exit]";
    try (var world = world(policy)) {
      assertThatExceptionOfType(Denied.class)
          .isThrownBy(() -> world.host.start(World.manifest()))
          .withMessageContaining("policy.lifetime");
    }
  }
}
