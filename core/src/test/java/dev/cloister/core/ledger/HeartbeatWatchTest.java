package dev.cloister.core.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.cloister.core.ledger.HeartbeatVerifier.Verdict;
import dev.cloister.core.ledger.HeartbeatVerifier.Word;
import dev.cloister.core.testing.FakeTime;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a context pushes, line by line, and every damage on its way. */
final class HeartbeatWatchTest {
  private static final Duration PERIOD = Duration.ofSeconds(10);

  private final FakeTime time = FakeTime.startingAt(Instant.EPOCH);
  private Output output = Output.of(List.of(), List.of(), "");

  /** Lines and heartbeats in the order in which an egress had them. */
  private final List<String> pushed = new ArrayList<>();

  @BeforeEach
  void aContextLives() throws IOException {
    output = Output.ofAContext();
    var line = 0;
    for (var heartbeat : output.heartbeats) {
      var beat = new SignedHeartbeat(heartbeat).parts().flatMap(p -> Heartbeat.parse(p.payload));
      while (line < beat.orElseThrow().output().last()) {
        pushed.add(output.lines.get(line++));
      }
      pushed.add(heartbeat);
    }
    assertThat(pushed).hasSize(13);
  }

  private HeartbeatWatch watch() {
    return HeartbeatWatch.ofOutput(Optional.of(output.publicKey), PERIOD, time);
  }

  /** Gives every line, and returns all that was decided. */
  private static List<Verdict> verdicts(HeartbeatWatch watch, List<String> lines) {
    return lines.stream().map(watch::line).flatMap(seen -> seen.verdict().stream()).toList();
  }

  private void finds(Word word, String place, List<String> lines) {
    var verdicts = verdicts(watch(), lines);
    assertThat(verdicts).hasSize(1);
    assertThat(verdicts.getFirst().word()).isEqualTo(word);
    assertThat(verdicts.getFirst().badLine()).isEqualTo(place);
  }

  @Test
  void whatAContextPushedIsValidWhenItHasClosed() {
    assertThat(verdicts(watch(), pushed)).containsExactly(new Verdict(Word.VALID, "", ""));
    assertThat(verdicts(watch(), pushed.subList(0, 12))).isEmpty();
  }

  @Test
  void heartbeatsAloneAreFollowedTooAndTheFirstKeyIsTakenWhereNoneIsKnown() {
    var watch = HeartbeatWatch.ofHeartbeats(Optional.empty(), PERIOD, time);
    assertThat(verdicts(watch, output.heartbeats)).containsExactly(new Verdict(Word.VALID, "", ""));
  }

  @Test
  void whatAHeartbeatSaysIsGivenOn() {
    var watch = watch();
    var events =
        pushed.stream()
            .flatMap(line -> watch.line(line).heartbeat().stream())
            .map(Heartbeat::event)
            .toList();
    assertThat(events).containsExactly("sealed", "alive", "alive", "alive", "alive", "closed");
  }

  @Test
  void aLineThatIsMissingIsTold() {
    for (var at : List.of(0, 2, 3, 6, 8)) {
      var lines = new ArrayList<>(pushed);
      lines.remove((int) at);
      assertThat(verdicts(watch(), lines)).extracting(Verdict::word).containsExactly(Word.ALTERED);
    }
  }

  @Test
  void aHeartbeatThatIsMissingIsAGap() {
    var lines = new ArrayList<>(pushed);
    lines.remove(5);
    finds(Word.GAP, "heartbeat:3", lines);
  }

  @Test
  void aLineThatChangedOrChangedPlacesIsTold() {
    var changed = new ArrayList<>(pushed);
    changed.set(2, "another");
    finds(Word.ALTERED, "heartbeat:2", changed);
    var swapped = new ArrayList<>(pushed);
    Collections.swap(swapped, 8, 9);
    finds(Word.ALTERED, "heartbeat:5", swapped);
  }

  @Test
  void aHeartbeatThatComesAgainIsAReplayAndOneOfAnotherBoxARestart() throws IOException {
    var again = new ArrayList<>(pushed);
    again.add(5, pushed.get(4));
    finds(Word.REPLAY, "heartbeat:3", again);
    var other = Output.ofAContext();
    var replaced = new ArrayList<>(pushed.subList(0, 2));
    replaced.add(other.heartbeats.getFirst());
    finds(Word.RESTART, "heartbeat:2", replaced);
    finds(Word.RESTART, "heartbeat:1", other.heartbeats);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"{\"payload\":\"\",\"signature\":\"\"}", "{\"payload\":", "{\"payload\":7}"})
  void whatIsNoHeartbeatAndLooksLikeOneIsForged(String line) {
    finds(Word.FORGED, "heartbeat:1", List.of(line));
  }

  @Test
  void aConnectionThatEndsBeforeTheLastHeartbeatLeavesTheChainUnclosedAndAnotherMayGoOn() {
    var watch = watch();
    verdicts(watch, pushed.subList(0, 7));
    assertThat(watch.broken().orElseThrow())
        .isEqualTo(new Verdict(Word.UNCLOSED, "heartbeat:4", "the connection ended before it"));
    assertThat(verdicts(watch, pushed.subList(7, 13)))
        .containsExactly(new Verdict(Word.VALID, "", ""));
    assertThat(watch.broken()).isEmpty();
  }

  @Test
  void threePeriodsOfSilenceAreToldOnceAndTheNextHeartbeatResumes() {
    var watch = watch();
    pushed.subList(0, 2).forEach(watch::line);
    time.advance(PERIOD.multipliedBy(3).minusNanos(1));
    assertThat(watch.tick()).isEmpty();
    time.advance(Duration.ofNanos(1));
    assertThat(watch.tick().orElseThrow())
        .isEqualTo(new Verdict(Word.STALLED, "heartbeat:2", "3 periods are over without it"));
    time.advance(PERIOD);
    assertThat(watch.tick()).isEmpty();
    // A line of the output is no sign of life: it is not signed.
    assertThat(watch.line(pushed.get(2)).resumed()).isFalse();
    assertThat(watch.tick()).isEmpty();
    assertThat(watch.line(pushed.get(3)).resumed()).isFalse();
    assertThat(watch.line(pushed.get(4)).resumed()).isTrue();
    assertThat(watch.tick()).isEmpty();
    time.advance(PERIOD.multipliedBy(3));
    assertThat(watch.tick().map(Verdict::word)).hasValue(Word.STALLED);
  }

  @Test
  void whatIsOverStallsNoMore() {
    var watch = watch();
    verdicts(watch, pushed);
    time.advance(PERIOD.multipliedBy(4));
    assertThat(watch.tick()).isEmpty();
    assertThat(verdicts(watch, pushed)).isEmpty();
  }

  @Test
  void aPeriodOfNothingAndAKeyThatIsNoneAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> HeartbeatWatch.ofOutput(Optional.empty(), Duration.ZERO, time));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> HeartbeatWatch.ofHeartbeats(Optional.of("12"), PERIOD, time))
        .withMessageContaining("64 hex digits");
  }
}
