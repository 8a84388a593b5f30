package dev.cloister.core.gate;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cloister.core.ContextDestroyed;
import dev.cloister.core.ContextId;
import dev.cloister.core.Denied;
import dev.cloister.core.Description;
import dev.cloister.core.Mode;
import dev.cloister.core.SealedFailure;
import dev.cloister.core.key.KeyRing;
import dev.cloister.core.key.SecretMemory;
import dev.cloister.core.testing.FakePolicy;
import dev.cloister.core.testing.FakePolicy.Line;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** From a raw record to lines that one context's egresses open, and no other's. */
final class ReleaseTest {
  private static final String DIGEST = "d".repeat(64);

  private final ContextId id = new ContextId("0123456789abcdef0123456789abcdef");
  private final EgressPass pass = new EgressPass(id);
  private final KeyRing keys = KeyRing.open(SecretMemory::onHeap);

  @AfterEach
  void destroyTheKeys() {
    keys.close();
  }

  private ReleaseEngine engine() {
    return engine(
        Mode.LAB, FakePolicy.keepingLines().compile(List.of(FakePolicy.lines()), Mode.LAB));
  }

  private ReleaseEngine engine(Mode mode, ReleasePolicy.Compiled policy) {
    return ReleaseEngine.of(mode, pass, DIGEST, policy, keys);
  }

  private String text(Released released) throws IOException {
    var out = new ByteArrayOutputStream();
    released.writeTo(pass, out);
    return out.toString(UTF_8);
  }

  /** A filter that a test writes in one line. */
  private interface Rule extends ReleasePolicy.Filter {
    @Override
    default void header(SealFacts facts, OutputStream out) throws IOException {
      out.write("header\n".getBytes(UTF_8));
    }

    @Override
    default void close() {}
  }

  private static void write(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(UTF_8));
  }

  @Test
  void aBatchGathersLinesInOrderUntilTheyAreTaken() throws IOException {
    try (var batch = engine().batch()) {
      batch.add(new Line("one"));
      batch.add(new Line("zwölf"));
      assertThat(batch.sizeBytes()).isEqualTo(4 + 7);
      var released = batch.take();
      assertThat(text(released)).isEqualTo("one\nzwölf\n");
      assertThat(released.lines()).isEqualTo(2);
      assertThat(released.sizeBytes()).isEqualTo(11);
      assertThat(released.policyDigest()).isEqualTo(DIGEST);
      assertThat(released.context()).isEqualTo(id);

      assertThat(batch.sizeBytes()).isZero();
      batch.add(new Line("three"));
      assertThat(text(batch.take())).isEqualTo("three\n");
      assertThat(text(released)).as("what was taken does not change").isEqualTo("one\nzwölf\n");
    }
  }

  @Test
  void nothingIsReleasedOfARecordThatThePolicyDoesNotName() throws IOException {
    Raw other =
        () ->
            new RawType() {
              @Override
              public String name() {
                return "other";
              }

              @Override
              public void describe(Description into) {}
            };
    try (var batch = engine().batch()) {
      batch.add(other);
      assertThat(batch.take().lines()).isZero();
    }
  }

  @Test
  void whatWasNotTakenIsForgottenAtTheEnd() {
    var batch = engine().batch();
    batch.add(new Line("one"));
    batch.close();
    assertThat(batch.sizeBytes()).isZero();
    assertThat(batch.take().lines()).isZero();
  }

  @Test
  void linesOpenOnlyWithThePassOfTheContextThatReleasedThem() {
    var out = new ByteArrayOutputStream();
    try (var batch = engine().batch()) {
      batch.add(new Line("one"));
      var released = batch.take();
      var another = new EgressPass(new ContextId("f".repeat(32)));
      assertThatExceptionOfType(Denied.class)
          .isThrownBy(() -> released.writeTo(another, out))
          .withMessage(
              "egress-own-context: lines of context 0123456789abcdef0123456789abcdef were pushed"
                  + " into an egress of context ffffffffffffffffffffffffffffffff: push what its own"
                  + " context released");
      assertThatExceptionOfType(Denied.class)
          .isThrownBy(() -> released.writeTo(new EgressPass(id), out))
          .satisfies(denied -> assertThat(denied.rule()).isEqualTo("egress-own-context"));
    }
    assertThat(out.size()).isZero();
  }

  @Test
  void noTextOfItsObjectsTellsALine() {
    try (var batch = engine().batch()) {
      batch.add(new Line("password"));
      var released = batch.take();
      assertThat(released).hasToString("Released[1 lines of " + id.hex() + "]");
    }
  }

  @ParameterizedTest
  @EnumSource
  void aPolicyThatFailsInsideALineLeavesNothingOfTheLine(Mode mode) throws IOException {
    Rule fails =
        (raw, out) -> {
          var text = ((Line) raw).text();
          write(out, text);
          if (text.equals("secret")) {
            throw new IllegalStateException("on " + text);
          }
          write(out, "\n");
          return true;
        };
    try (var batch = engine(mode, _ -> fails).batch()) {
      batch.add(new Line("one"));
      assertThatExceptionOfType(SealedFailure.class)
          .isThrownBy(() -> batch.add(new Line("secret")))
          .withMessage("release failed at 2: java.lang.IllegalStateException")
          .satisfies(failure -> {
            if (mode == Mode.SEALED) {
              assertThat(failure).hasNoCause();
            } else {
              assertThat(failure).hasRootCauseMessage("on secret");
            }
          });
      batch.add(new Line("three"));
      var released = batch.take();
      assertThat(text(released)).isEqualTo("one\nthree\n");
      assertThat(released.lines()).isEqualTo(2);
    }
  }

  @Test
  void notEvenAnErrorLeavesHalfALine() throws IOException {
    Rule overflows =
        (_, out) -> {
          write(out, "half of it");
          throw new StackOverflowError();
        };
    try (var batch = engine(Mode.SEALED, _ -> overflows).batch()) {
      assertThatExceptionOfType(StackOverflowError.class)
          .isThrownBy(() -> batch.add(new Line("one")));
      assertThat(text(batch.take())).isEmpty();
    }
  }

  @Test
  void whatAPolicyWroteAndThenRefusedDoesNotComeOut() throws IOException {
    Rule changesItsMind =
        (raw, out) -> {
          write(out, ((Line) raw).text() + "\n");
          return ((Line) raw).text().equals("yes");
        };
    try (var batch = engine(Mode.LAB, _ -> changesItsMind).batch()) {
      batch.add(new Line("no"));
      batch.add(new Line("yes"));
      var released = batch.take();
      assertThat(text(released)).isEqualTo("yes\n");
      assertThat(released.lines()).isEqualTo(1);
    }
  }

  @Test
  void aPolicyThatWritesNoWholeLineIsAFailureAndNotADamagedChain() throws IOException {
    Rule forgetsTheLineFeed =
        (raw, out) -> {
          write(out, ((Line) raw).text());
          return true;
        };
    try (var batch = engine(Mode.LAB, _ -> forgetsTheLineFeed).batch()) {
      for (var text : List.of("one", "")) {
        assertThatExceptionOfType(SealedFailure.class)
            .isThrownBy(() -> batch.add(new Line(text)))
            .withRootCauseInstanceOf(IllegalStateException.class);
      }
      assertThat(text(batch.take())).isEmpty();
    }
  }

  @Test
  void theHeaderIsOneLineOfTheFacts() throws IOException {
    var facts =
        new SealFacts(
            "box", id, Mode.LAB, Instant.EPOCH, "a".repeat(64), "b".repeat(64), DIGEST, List.of());
    var header = engine().header(facts);
    assertThat(text(header)).isEqualTo("header " + facts + "\n");
    assertThat(header.lines()).isEqualTo(1);
  }

  @Test
  void afterTheKeysNoBatchIsOpened() {
    keys.close();
    assertThatExceptionOfType(ContextDestroyed.class).isThrownBy(() -> engine().batch());
  }
}
