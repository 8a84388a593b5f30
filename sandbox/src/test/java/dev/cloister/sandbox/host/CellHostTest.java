package dev.cloister.sandbox.host;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import dev.cloister.core.ContextDestroyed;
import dev.cloister.core.Denied;
import dev.cloister.core.Description;
import dev.cloister.core.policy.Manifest;
import dev.cloister.core.policy.Resource;
import dev.cloister.core.policy.ResourceLimits;
import dev.cloister.core.token.Terms;
import dev.cloister.core.token.TokenRegistry;
import dev.cloister.sandbox.runtime.CellApi;
import dev.cloister.sandbox.runtime.Ending;
import dev.cloister.sandbox.runtime.Ending.Cause;
import dev.cloister.sandbox.testing.InMemoryRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A host of cells from a manifest to the last byte, over the fake runtime. */
final class CellHostTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  @TempDir private Path directory;

  private World world(InMemoryRuntime.Function function) throws IOException {
    return new World(directory.resolve("cells"), function);
  }

  private static void echo(byte[] code, CellApi api) throws InterruptedException {
    for (var message = api.receive(LONG); message.isPresent(); message = api.receive(LONG)) {
      api.send(message.get());
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  private static Shown invocation(StartedCell cell) {
    return Shown.now(cell.grant().invocation());
  }

  @Test
  void aCallIsAnsweredByTheFunction() throws IOException {
    try (var world = world(CellHostTest::echo)) {
      var cell = world.running();
      assertThat(world.host.call(invocation(cell), bytes("one"), LONG)).isEqualTo(bytes("one"));
      assertThat(world.host.call(invocation(cell), bytes("two"), LONG)).isEqualTo(bytes("two"));
    }
  }

  @Test
  void aFunctionIsToldThatNoMessageWillCome() throws Exception {
    try (var world = world(CellHostTest::echo)) {
      var cell = world.running();
      var attachment = world.attached(cell, -1);
      world.host.send(invocation(cell), bytes("one"));
      world.host.endInput(invocation(cell));
      assertThat(world.ended(attachment)).isEqualTo(Ending.exited(0));
      assertThat(attachment.receive(LONG).orElseThrow().bytes()).isEqualTo(bytes("one"));
      assertThatIOException()
          .isThrownBy(() -> world.host.send(invocation(cell), bytes("two")))
          .withMessageContaining("it has ended");
    }
  }

  @Test
  void theUploadedDataIsInTheFunctionsStore() throws Exception {
    try (var world = world((_, api) -> api.send(api.get("data").orElseThrow()))) {
      var cell = world.host.start(World.manifest());
      world.host.load(invocation(cell), World.CODE, bytes("some data"));
      assertThat(world.attached(cell, -1).receive(LONG).orElseThrow().bytes())
          .isEqualTo(bytes("some data"));
    }
  }

  @Test
  void codeThatTheManifestDoesNotNameIsRefused() throws IOException {
    try (var world = world(CellHostTest::echo)) {
      var cell = world.host.start(World.manifest());
      assertThatExceptionOfType(Denied.class)
          .isThrownBy(() -> world.host.load(invocation(cell), bytes("other"), new byte[0]))
          .withMessageContaining("codeDigest");
    }
  }

  @Test
  void aCellIsLoadedOnce() throws IOException {
    try (var world = world(CellHostTest::echo)) {
      var cell = world.running();
      assertThatExceptionOfType(Denied.class)
          .isThrownBy(() -> world.host.load(invocation(cell), World.CODE, new byte[0]))
          .withMessageContaining("loaded once");
    }
  }

  @Test
  void everyBadTokenGetsOneAndTheSameAnswer() throws IOException {
    try (var world = world(CellHostTest::echo)) {
      var cell = world.running();
      var good = invocation(cell);
      world.host.send(good, bytes("x"));
      var bad =
          List.of(
              good, // Shown a second time.
              Shown.of(new byte[0], new byte[0]),
              Shown.of(new byte[48], new byte[TokenRegistry.NONCE_BYTES]),
              Shown.now(cell.grant().shutdown()));
      for (var shown : bad) {
        assertThatExceptionOfType(Denied.class)
            .isThrownBy(() -> world.host.send(shown, bytes("x")))
            .withMessage("token: this token is not good for that");
      }
      assertThatExceptionOfType(Denied.class)
          .isThrownBy(() -> world.host.shutdown(invocation(cell)))
          .withMessage("token: this token is not good for that");
    }
  }

  @Test
  void aNarrowedTokenWorksAsOftenAsItSays() throws IOException {
    try (var world = world(CellHostTest::echo)) {
      var cell = world.running();
      var child =
          world.host.delegate(invocation(cell), Terms.lasting(Duration.ofMinutes(1)).uses(2));
      assertThat(world.host.call(Shown.now(child), bytes("1"), LONG)).isEqualTo(bytes("1"));
      assertThat(world.host.call(Shown.now(child), bytes("2"), LONG)).isEqualTo(bytes("2"));
      assertThatExceptionOfType(Denied.class)
          .isThrownBy(() -> world.host.call(Shown.now(child), bytes("3"), LONG));
    }
  }

  @Test
  void aReadOnlyTokenReadsAndAcknowledgesNothing() throws Exception {
    try (var world = world(CellHostTest::echo)) {
      var cell = world.running();
      var child =
          world.host.delegate(invocation(cell), Terms.lasting(Duration.ofMinutes(1)).readOnly());
      world.host.send(invocation(cell), bytes("x"));
      var reader = world.host.attach(Shown.now(child), -1);
      assertThat(reader.receive(LONG).orElseThrow().bytes()).isEqualTo(bytes("x"));
      reader.acknowledge(0);
      assertThat(world.attached(cell, -1).receive(LONG).orElseThrow().bytes())
          .isEqualTo(bytes("x"));
      assertThatExceptionOfType(Denied.class)
          .isThrownBy(() -> world.host.send(Shown.now(child), bytes("y")));
    }
  }

  @Test
  void whatTheManifestDidNotAskIsRefusedByNameAndCounted() throws Exception {
    try (var world =
        world((_, api) -> {
          try {
            api.time();
          } catch (Denied e) {
            api.send(bytes(e.rule()));
          }
        })) {
      var manifest =
          Manifest.parse(
              "m.yaml",
              "name: t\nimage: java\napi: [send]\ncodeDigest: "
                  + Description.sha256Hex(World.CODE));
      var cell = world.running(manifest);
      assertThat(world.attached(cell, -1).receive(LONG).orElseThrow().bytes())
          .isEqualTo(bytes("api.time"));
      assertThat(world.host.ledger().counters()).containsEntry("api.refused", 1L);
    }
  }

  @Test
  void theSumOfPromisesNeverExceedsTheTotal() throws IOException {
    try (var world = world(CellHostTest::echo)) {
      var cells = List.of(world.running(), world.running(), world.running());
      assertThatExceptionOfType(Denied.class)
          .isThrownBy(world::running)
          .withMessageContaining("total")
          .withMessageContaining("memoryBytes 1000000 asked, 0 left");
      assertThat(world.host.promised().of(Resource.MEMORY_BYTES)).isEqualTo(3_000_000);
      world.host.shutdown(Shown.now(cells.getFirst().grant().shutdown()));
      assertThat(world.host.promised().of(Resource.MEMORY_BYTES)).isEqualTo(2_000_000);
      world.running();
    }
  }

  @Test
  void aRefusalByThePolicyNamesEveryNeedAndStartsNothing() throws IOException {
    try (var world = world(CellHostTest::echo)) {
      assertThatExceptionOfType(Denied.class)
          .isThrownBy(() ->
              world.host.start(World.manifest("limits: {memoryBytes: 2000000, processes: 2}")))
          .withMessageContaining("memoryBytes")
          .withMessageContaining("processes");
      assertThat(world.host.promised()).isEqualTo(ResourceLimits.none());
      assertThat(world.host.ledger().counters()).containsEntry("cells.refused.policy", 1L);
    }
  }

  @Test
  void theShutdownTokenEndsTheCellWithAllItHolds() throws Exception {
    try (var world = world(CellHostTest::echo)) {
      var cell = world.running();
      var attachment = world.attached(cell, -1);
      world.host.send(invocation(cell), bytes("unread"));
      assertThat(attachment.receive(LONG)).isPresent();
      world.host.shutdown(Shown.now(cell.grant().shutdown()));
      assertThat(attachment.ending().orElseThrow().cause()).isEqualTo(Cause.SHUT_DOWN);
      assertThatExceptionOfType(Denied.class)
          .isThrownBy(() -> world.host.send(invocation(cell), bytes("x")));
      assertThat(directory.resolve("cells")).isDirectoryNotContaining("glob:**/[0-9]*.cell");
    }
  }

  @Test
  void aFunctionThatEndsByItselfKeepsItsOutputUntilItIsRead() throws Exception {
    try (var world =
        world((_, api) -> {
          api.send(bytes("last words"));
          throw new InMemoryRuntime.Exit(3);
        })) {
      var cell = world.running();
      var attachment = world.attached(cell, -1);
      assertThat(world.ended(attachment)).isEqualTo(Ending.exited(3));
      assertThat(world.host.promised().of(Resource.MEMORY_BYTES)).isZero();
      assertThat(attachment.receive(LONG).orElseThrow().bytes()).isEqualTo(bytes("last words"));
      assertThat(attachment.isAtEnd()).isTrue();
      attachment.acknowledge(0);
      world.host.tick();
      assertThatExceptionOfType(Denied.class).isThrownBy(() -> world.attached(cell, 0));
    }
  }

  @Test
  void aVirtualThreadIsNotGivenToAFunctionWhichCouldKeepItsCarrier() throws Exception {
    try (var virtual = Executors.newVirtualThreadPerTaskExecutor();
        var world =
            new World(
                directory,
                World.POLICY,
                plan -> plan.executor(virtual),
                InMemoryRuntime.of(CellHostTest::echo))) {
      var ending = world.ended(world.attached(world.running(), -1));
      assertThat(ending.cause()).isEqualTo(Cause.CLOSED);
      assertThat(ending.detail()).contains("needs a platform thread");
    }
  }

  @Test
  void theWallClockEndsAFunctionAndIsNamed() throws Exception {
    try (var world = world(CellHostTest::echo)) {
      var cell = world.running();
      var attachment = world.attached(cell, -1);
      world.time.advance(Duration.ofSeconds(61));
      var ending = world.ended(attachment);
      assertThat(ending.limit()).contains(Resource.WALL_SECONDS);
      assertThat(world.host.ledger().counters())
          .containsEntry("cells.ended", 1L)
          .containsEntry("cells.ended.limit", 1L);
    }
  }

  @Test
  void aCellIsGoneWhenItsLifetimeIsOver() throws Exception {
    try (var world = world((_, api) -> api.send(bytes("unread")))) {
      var cell = world.running();
      world.ended(world.attached(cell, -1));
      world.time.advance(Duration.ofSeconds(601));
      world.host.tick();
      assertThatExceptionOfType(Denied.class).isThrownBy(() -> world.attached(cell, -1));
      assertThat(world.host.ledger().counters()).containsEntry("cells.living", 0L);
    }
  }

  @Test
  void aCellThatIsNeverLoadedEndsToo() throws Exception {
    try (var world = world(CellHostTest::echo)) {
      var cell = world.host.start(World.manifest());
      var attachment = world.attached(cell, -1);
      world.time.advance(Duration.ofSeconds(61));
      assertThat(world.ended(attachment).limit()).contains(Resource.WALL_SECONDS);
      assertThat(world.host.promised().of(Resource.MEMORY_BYTES)).isZero();
    }
  }

  @Test
  void bytesOutAreCountedAndNotOneMoreIsSent() throws Exception {
    try (var world =
        world((_, api) -> {
          while (true) {
            api.send(new byte[400_000]);
          }
        })) {
      var cell = world.running();
      var attachment = world.attached(cell, -1);
      assertThat(world.ended(attachment).limit()).contains(Resource.BYTES_OUT);
      assertThat(attachment.usage().bytesOut()).isEqualTo(800_000);
    }
  }

  @Test
  void bytesInAreCountedAndNotOneMoreIsTaken() throws Exception {
    try (var world = world(CellHostTest::echo)) {
      var cell = world.running();
      var attachment = world.attached(cell, -1);
      world.host.call(invocation(cell), new byte[900_000], LONG);
      assertThatExceptionOfType(Denied.class)
          .isThrownBy(() -> world.host.send(invocation(cell), new byte[200_000]))
          .withMessageContaining("limits.bytesIn");
      assertThat(world.ended(attachment).limit()).contains(Resource.BYTES_IN);
    }
  }

  @Test
  void messagesAndAnOwnNetworkHaveOneLimitTogether() throws Exception {
    var online = new OnlineRuntime(InMemoryRuntime.of(CellHostTest::echo), 600_000, 0);
    try (var world = new World(directory.resolve("cells"), World.POLICY, online)) {
      var cell = world.running();
      var attachment = world.attached(cell, -1);
      world.host.call(invocation(cell), new byte[300_000], LONG);
      world.host.tick();
      assertThat(attachment.ending()).isEmpty();
      world.host.call(invocation(cell), new byte[300_000], LONG);
      assertThat(world.ended(attachment).limit()).contains(Resource.BYTES_IN);
      assertThat(attachment.usage().bytesOut()).isEqualTo(600_000);
    }
  }

  @Test
  void theStoreIsHeldToItsQuota() throws Exception {
    try (var world =
        world((_, api) -> {
          try {
            api.put("big", new byte[100_000]);
          } catch (Denied e) {
            api.send(bytes(e.rule()));
          }
        })) {
      var cell = world.running();
      assertThat(world.attached(cell, -1).receive(LONG).orElseThrow().bytes())
          .isEqualTo(bytes("limits.diskBytes"));
    }
  }

  @Test
  void aFunctionThatSendsMoreThanAnybodyReadsWaits() throws Exception {
    var sent = new CountDownLatch(1);
    var plan = World.POLICY.replace("bytesOut: 1000000}", "bytesOut: 50000000}");
    try (var world =
        new World(
            directory.resolve("cells"),
            plan.replace("bytesOut: 3000000}", "bytesOut: 150000000}"),
            InMemoryRuntime.of((_, api) -> {
              api.send(new byte[4 << 20]);
              api.send(new byte[1 << 20]);
              sent.countDown();
            }))) {
      var cell = world.running();
      var attachment = world.attached(cell, -1);
      assertThat(attachment.receive(LONG)).isPresent();
      assertThat(sent.getCount()).isEqualTo(1);
      attachment.acknowledge(0);
      assertThat(attachment.receive(LONG)).isPresent();
      sent.await();
    }
  }

  @Test
  void twoCellsMeasureTheSameOnlyIfTheyAreTheSame() throws IOException {
    try (var world = world(CellHostTest::echo)) {
      var one = world.host.start(World.manifest());
      var same = world.host.start(World.manifest());
      var other = world.host.start(World.manifest("limits: {processes: 0}"));
      assertThat(one.measurement()).isEqualTo(same.measurement());
      assertThat(one.measurement()).isNotEqualTo(other.measurement());
      assertThat(one.publicKey()).isNotEqualTo(same.publicKey());
    }
  }

  @Test
  void aStartThatFailsLeavesNothing() throws IOException {
    var broken = new BrokenRuntime();
    try (var world = new World(directory.resolve("cells"), World.POLICY, broken)) {
      assertThatIOException().isThrownBy(() -> world.host.start(World.manifest()));
      assertThat(world.host.promised().of(Resource.MEMORY_BYTES)).isZero();
      assertThat(directory.resolve("cells")).isDirectoryNotContaining("glob:**/[0-9]*.cell");
      assertThat(world.host.ledger().counters())
          .containsEntry("cells.failed.start", 1L)
          .containsEntry("cells.living", 0L);
    }
  }

  @Test
  void aClosedHostStartsNothingAndLeavesNothing() throws IOException {
    var world = world(CellHostTest::echo);
    world.running();
    world.host.start(World.manifest());
    world.close();
    world.close();
    assertThatExceptionOfType(ContextDestroyed.class)
        .isThrownBy(() -> world.host.start(World.manifest()));
    try (var left = Files.list(directory.resolve("cells"))) {
      assertThat(left.filter(path -> path.getFileName().toString().matches("[0-9]+\\.cell")))
          .isEmpty();
    }
  }

  @Test
  void anImageThatNoRuntimeRunsIsRefused() throws IOException {
    try (var world = new World(directory.resolve("cells"), World.POLICY, new DeafRuntime())) {
      assertThatExceptionOfType(Denied.class)
          .isThrownBy(() -> world.host.start(World.manifest()))
          .withMessageContaining("no runtime of this host runs images of kind java");
      assertThat(world.host.ledger().counters()).containsEntry("cells.refused.image", 1L);
    }
  }
}
