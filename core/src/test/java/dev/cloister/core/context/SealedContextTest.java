package dev.cloister.core.context;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.cloister.core.ContextDestroyed;
import dev.cloister.core.Denied;
import dev.cloister.core.Description;
import dev.cloister.core.gate.Declaration;
import dev.cloister.core.gate.Egress;
import dev.cloister.core.gate.Opening;
import dev.cloister.core.gate.Released;
import dev.cloister.core.gate.Store;
import dev.cloister.core.key.SecretAccess;
import dev.cloister.core.ledger.HeartbeatVerifier;
import dev.cloister.core.ledger.HeartbeatVerifier.Word;
import dev.cloister.core.ledger.SignedHeartbeat;
import dev.cloister.core.posture.Guarantees;
import dev.cloister.core.testing.FakeHost;
import dev.cloister.core.testing.FakePolicy;
import dev.cloister.core.testing.FakePolicy.Line;
import dev.cloister.core.testing.FakeTime;
import dev.cloister.core.testing.LoopbackExchange;
import dev.cloister.core.testing.MemoryEgress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A context from its seal to its last heartbeat, as its user sees it. */
final class SealedContextTest {
  private static final Duration PERIOD = Duration.ofSeconds(10);

  @TempDir private Path directory;
  private final FakeTime time = FakeTime.startingAt(Instant.parse("2026-01-02T03:04:05Z"));
  private final FakeHost host = new FakeHost();

  private ContextPlan plan() {
    return ContextPlan.named("box", Guarantees.lab())
        .host(host)
        .time(time)
        .parse(FakePolicy.lines())
        .release(FakePolicy.keepingLines());
  }

  private SealedContext sealed() throws IOException {
    return plan().egress(MemoryEgress.named("out")).seal();
  }

  private static Released released(SealedContext context, String... lines) {
    try (var batch = context.releases().batch()) {
      for (var line : lines) {
        batch.add(new Line(line));
      }
      return batch.take();
    }
  }

  private static MemoryEgress out(SealedContext context) {
    return context.part(MemoryEgress.class);
  }

  private Word verdict(MemoryEgress egress) throws IOException {
    return HeartbeatVerifier.trustingTheFirst()
        .verify(
            Files.writeString(directory.resolve("heartbeats.jsonl"), egress.heartbeatsText()),
            Files.writeString(directory.resolve("trace.jsonl"), egress.linesText()))
        .word();
  }

  // output

  @Test
  void aContextThatLivedLeavesAValidOutput() throws IOException {
    var context = sealed();
    var egress = out(context);
    try (context) {
      context.publish(released(context, "one", "two"));
      time.advance(PERIOD);
      context.tick();
      context.publish(released(context, "three"));
      assertThat(verdict(egress)).isEqualTo(Word.UNCLOSED);
    }
    assertThat(egress.lines()).hasSize(4).endsWith("one", "two", "three");
    assertThat(egress.heartbeats()).hasSize(3);
    assertThat(verdict(egress)).isEqualTo(Word.VALID);
    assertThat(egress.isClosed()).isTrue();
  }

  @Test
  void theHeaderSaysOfTheContextWhatItIs() throws IOException {
    try (var context = sealed()) {
      assertThat(out(context).lines().getFirst())
          .startsWith("header ")
          .contains(
              "name=box",
              context.id().hex(),
              "mode=LAB",
              "started=2026-01-02T03:04:05Z",
              context.identity().publicKey(),
              context.measurement(),
              FakePolicy.keepingLines().digest());
    }
  }

  @Test
  void everyEgressGetsTheSame() throws IOException {
    var context = plan().egress(MemoryEgress.named("one")).egress(MemoryEgress.named("two")).seal();
    try (context) {
      context.publish(released(context, "line"));
    }
    var both = context.parts(MemoryEgress.class);
    assertThat(both).hasSize(2);
    assertThat(both.get(0).linesText()).isEqualTo(both.get(1).linesText()).endsWith("line\n");
    assertThat(both.get(0).heartbeats()).isEqualTo(both.get(1).heartbeats()).hasSize(2);
    assertThat(verdict(both.get(1))).isEqualTo(Word.VALID);
  }

  @Test
  void whatOneContextReleasedAnotherRefusesAndBothGoOn() throws IOException {
    var one = sealed();
    var other = sealed();
    var foreign = released(other, "secret of the other");
    try (one;
        other) {
      assertThatExceptionOfType(Denied.class)
          .isThrownBy(() -> one.publish(foreign))
          .withMessageContaining(other.id().hex())
          .withMessageContaining(one.id().hex());
      one.publish(released(one, "own"));
      other.publish(foreign);
    }
    assertThat(out(one).linesText()).doesNotContain("secret").endsWith("own\n");
    assertThat(out(other).linesText()).endsWith("secret of the other\n");
    assertThat(verdict(out(one))).isEqualTo(Word.VALID);
    assertThat(verdict(out(other))).isEqualTo(Word.VALID);
  }

  @Test
  void noLinesAreNoOutput() throws IOException {
    try (var context = sealed()) {
      context.publish(released(context));
      assertThat(out(context).lines()).hasSize(1);
      assertThat(context.ledger().counters()).containsEntry("outputLines", 1L);
    }
  }

  @Test
  void outputIsCounted() throws IOException {
    try (var context = sealed()) {
      context.publish(released(context, "one", "two"));
      assertThat(context.ledger().counters())
          .containsEntry("outputLines", 3L)
          .containsEntry("outputBytes", (long) out(context).linesText().length());
    }
  }

  @Test
  void anEgressThatFailsEndsTheOutput() throws IOException {
    var context = plan().egress(MemoryEgress.named("out").failingAtPush(3)).seal();
    try (context) {
      context.publish(released(context, "one"));
      assertThatIOException().isThrownBy(() -> context.publish(released(context, "two")));
      assertThatExceptionOfType(ContextDestroyed.class)
          .isThrownBy(() -> context.publish(released(context, "three")));
    }
    assertThat(out(context).lines()).endsWith("one");
    assertThat(verdict(out(context)))
        .as("what came out is not called whole")
        .isEqualTo(Word.UNCLOSED);
  }

  @Test
  void anEgressThatFailsAtAHeartbeatEndsTheOutputAndLeavesNoGap() throws IOException {
    var context = plan().egress(MemoryEgress.named("out").failingAtBeat(2)).seal();
    try (context) {
      time.advance(PERIOD);
      assertThatIOException().isThrownBy(context::tick);
      time.advance(PERIOD);
      context.tick();
    }
    assertThat(out(context).heartbeats()).hasSize(1);
    assertThat(verdict(out(context))).isEqualTo(Word.UNCLOSED);
  }

  @Test
  void anEgressThatBreaksEndsTheOutputAsWell() throws IOException {
    var context = plan().egress(new Breaking()).egress(MemoryEgress.named("out")).seal();
    try (context) {
      assertThatIllegalStateException().isThrownBy(() -> context.publish(released(context, "one")));
      assertThatExceptionOfType(ContextDestroyed.class)
          .isThrownBy(() -> context.publish(released(context, "two")));
    }
    assertThat(verdict(out(context))).isEqualTo(Word.UNCLOSED);
  }

  /** Takes the header and then nothing more. */
  private static final class Breaking implements Declaration<Egress> {
    @Override
    public String name() {
      return "breaking";
    }

    @Override
    public void describe(Description into) {}

    @Override
    public Egress open(Opening opening) {
      return new Egress() {
        private boolean header;

        @Override
        public void push(Released released) {
          if (header) {
            throw new IllegalStateException("of its own");
          }
          header = true;
        }

        @Override
        public void beat(SignedHeartbeat heartbeat) {}

        @Override
        public void close() {}
      };
    }
  }

  @Test
  void manyThreadsPublishOneWholeOutput()
      throws IOException, InterruptedException, ExecutionException {
    var context = sealed();
    try (context;
        var executor = Executors.newFixedThreadPool(3)) {
      Callable<Void> publish =
          () -> {
            for (var i = 0; i < 50; i++) {
              context.publish(released(context, "line", "line"));
            }
            return null;
          };
      Callable<Void> beat =
          () -> {
            for (var i = 0; i < 20; i++) {
              time.advance(PERIOD);
              context.tick();
            }
            return null;
          };
      for (var done : executor.invokeAll(List.of(publish, publish, beat))) {
        done.get();
      }
    }
    assertThat(out(context).lines()).hasSize(201);
    assertThat(verdict(out(context))).isEqualTo(Word.VALID);
  }

  // parts

  @Test
  void partsAreFoundByTheirType() throws IOException {
    var plan =
        plan()
            .egress(MemoryEgress.named("one"))
            .egress(MemoryEgress.named("two"))
            .exchange(LoopbackExchange.named("talk", request -> request));
    try (var context = plan.seal()) {
      assertThat(context.part(LoopbackExchange.class).exchange(new byte[] {1}, PERIOD))
          .containsExactly(1);
      assertThat(context.parts(Egress.class)).hasSize(2);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> context.part(MemoryEgress.class))
          .withMessage(
              "context \"box\" has 2 parts of type MemoryEgress:"
                  + " its plan must declare exactly one");
      assertThat(context.parts(Store.class)).isEmpty();
    }
  }

  @Test
  void withoutAPolicyNothingCanBeReleased() throws IOException {
    try (var context =
        ContextPlan.named("box", Guarantees.lab())
            .host(host)
            .egress(MemoryEgress.named("out"))
            .seal()) {
      assertThatIllegalArgumentException()
          .isThrownBy(context::releases)
          .withMessageContaining("has no release policy");
      assertThat(out(context).lines()).as("there is no header either").isEmpty();
      assertThat(out(context).heartbeats()).hasSize(1);
    }
  }

  @Test
  void itsTextTellsNothingThatItHolds() throws IOException {
    try (var context = sealed()) {
      assertThat(context).hasToString("SealedContext[box, lab, " + context.id().hex() + "]");
      assertThat(context.name()).isEqualTo("box");
    }
  }

  @Test
  void noKeyOfOneContextIsAKeyOfAnother() throws IOException {
    var seen =
        IntStream.range(0, 5)
            .mapToObj(_ -> {
              try (var context = sealed();
                  var key = context.keys().derived("label", 32)) {
                return key.use(SecretAccess.granted(), HexFormat.of()::formatHex);
              } catch (IOException e) {
                throw new IllegalStateException(e);
              }
            })
            .toList();
    assertThat(seen).doesNotHaveDuplicates();
  }
}
