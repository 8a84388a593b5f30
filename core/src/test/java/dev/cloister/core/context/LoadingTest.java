package dev.cloister.core.context;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.cloister.core.ContextDestroyed;
import dev.cloister.core.Denied;
import dev.cloister.core.Description;
import dev.cloister.core.ledger.Event;
import dev.cloister.core.ledger.Ledger.Entry;
import dev.cloister.core.posture.Guarantees;
import dev.cloister.core.testing.FakeHost;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Code that comes after the seal: once, and measured. */
final class LoadingTest {
  private static SealedContext sealed() throws IOException {
    return ContextPlan.named("cell", Guarantees.lab()).host(new FakeHost()).seal();
  }

  @Test
  void whatIsLoadedIsMeasuredAfterAllThatWasDeclared() throws IOException {
    try (var context = sealed()) {
      var declared = context.measurementText();
      var measured = context.measurement();
      context.load(new Description().put("code", "abc").put("data", "x\ndeclared: y"));
      assertThat(context.measurementText())
          .isEqualTo(declared + "loaded.code: abc\nloaded.data: x\\ndeclared: y\n");
      assertThat(context.measurement())
          .isNotEqualTo(measured)
          .isEqualTo(
              Description.sha256Hex(context.measurementText().getBytes(StandardCharsets.UTF_8)));
    }
  }

  @Test
  void aHeartbeatSaysThatCodeWasLoaded() throws IOException {
    try (var context = sealed()) {
      context.load(new Description().put("code", "abc"));
      assertThat(context.ledger().events()).endsWith(new Entry(Event.CODE_LOADED, 0));
    }
  }

  @Test
  void aContextIsLoadedOnce() throws IOException {
    try (var context = sealed()) {
      context.load(new Description().put("code", "abc"));
      var measured = context.measurement();
      assertThatExceptionOfType(Denied.class)
          .isThrownBy(() -> context.load(new Description().put("code", "def")))
          .withMessageContaining("loaded once");
      assertThat(context.measurement()).isEqualTo(measured);
    }
  }

  @Test
  void loadingNothingIsAMistake() throws IOException {
    try (var context = sealed()) {
      assertThatIllegalArgumentException().isThrownBy(() -> context.load(new Description()));
      context.load(new Description().put("code", "abc"));
    }
  }

  @Test
  void aClosedContextLoadsNothing() throws IOException {
    var context = sealed();
    context.close();
    assertThatExceptionOfType(ContextDestroyed.class)
        .isThrownBy(() -> context.load(new Description().put("code", "abc")));
  }
}
