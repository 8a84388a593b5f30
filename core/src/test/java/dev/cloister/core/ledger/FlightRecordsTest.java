package dev.cloister.core.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.context.ContextPlan;
import dev.cloister.core.posture.Guarantees;
import dev.cloister.core.testing.FakeHost;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a recording of this very process has of a ledger. */
final class FlightRecordsTest {
  @TempDir private Path directory;

  private enum Count implements Counter {
    APPLES;

    @Override
    public String label() {
      return "apples";
    }
  }

  /** Something that is recorded. */
  private interface Life {
    void live() throws IOException;
  }

  /** Records a life, and returns what it left of one context. */
  private List<RecordedEvent> recorded(String context, Life life) throws IOException {
    var file = directory.resolve("recording.jfr");
    try (var recording = new Recording()) {
      recording.enable("dev.cloister.Counter");
      recording.enable("dev.cloister.Event");
      recording.start();
      life.live();
      recording.stop();
      recording.dump(file);
    }
    Predicate<RecordedEvent> isOurs =
        event ->
            event.getEventType().getName().startsWith("dev.cloister.")
                && event.getString("context").equals(context);
    return RecordingFile.readAllEvents(file).stream()
        .filter(isOurs)
        .sorted(Comparator.comparing(RecordedEvent::getStartTime))
        .toList();
  }

  private static String said(RecordedEvent event) {
    return event.hasField("counter")
        ? event.getString("counter") + "=" + event.getLong("value")
        : event.getString("event") + ":" + event.getLong("number");
  }

  @Test
  void aContextsCountersAndEventsAreRecordedAtEachHeartbeat() throws IOException {
    var recorded =
        recorded(
            "orchard",
            () -> {
              try (var box =
                  ContextPlan.named("orchard", Guarantees.lab())
                      .host(new FakeHost())
                      .count(List.of(Count.APPLES))
                      .seal()) {
                box.ledger().tally(Count.APPLES).add(7);
                box.ledger().event(Event.STORE_LOSS, 3);
              }
            });
    assertThat(recorded)
        .extracting(FlightRecordsTest::said)
        .containsSubsequence("apples=0", "sealed:0", "apples=7", "store-loss:3", "closed:0")
        .filteredOn(said -> said.contains(":"))
        .hasSize(3);
  }

  @Test
  void whatHappenedBeforeAnybodyRecordedIsNotLostAndNothingIsRecordedTwice() throws IOException {
    var ledger = Ledger.of(List.of(Count.APPLES));
    ledger.event(Event.CODE_LOADED, 1);
    ledger.record("late");
    var recorded =
        recorded(
            "late",
            () -> {
              ledger.event(Event.STORE_LOSS, 2);
              ledger.record("late");
              ledger.record("late");
            });
    assertThat(recorded)
        .extracting(FlightRecordsTest::said)
        .containsExactly("apples=0", "code-loaded:1", "store-loss:2", "apples=0");
  }
}
