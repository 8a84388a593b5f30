package dev.cloister.tor.onion;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.tor.OnionAddress;
import dev.cloister.tor.control.TorEvent;
import dev.cloister.tor.control.TorEvent.DescriptorAction;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When a service is published, by what tor tells of its uploads. */
final class UploadsTest {
  private static final OnionAddress OURS = OnionAddress.of(new byte[32]);
  private static final String ID = OURS.text().substring(0, 56);

  /** Reads CREATED descriptor, UPLOAD relay descriptor, UPLOADED relay, FAILED relay. */
  private static Uploads after(String events) {
    var uploads = new Uploads(OURS);
    for (var event : events.split(", ", -1)) {
      uploads.take(read(ID, event.strip().split(" ", -1)));
    }
    return uploads;
  }

  private static TorEvent read(String id, String... words) {
    var isCreated = words[0].equals("CREATED");
    return new TorEvent.OnionDescriptor(
        DescriptorAction.valueOf(words[0]),
        id,
        isCreated ? "UNKNOWN" : words[1],
        isCreated ? words[1] : words.length > 2 ? words[2] : "",
        Map.of("REASON", "UPLOAD_REJECTED"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "nothing was begun | CREATED a | false | false",
        "one upload has not ended | UPLOAD r a, UPLOAD s a, UPLOADED r | false | false",
        "most have ended | UPLOAD r a, UPLOAD s a, UPLOAD t a, UPLOADED r, UPLOADED s | false |"
            + " true",
        "all have ended | UPLOAD r a, UPLOAD s a, UPLOADED s, UPLOADED r | true | true",
        "most were taken | UPLOAD r a, UPLOAD s a, UPLOAD t a, FAILED r, UPLOADED s, UPLOADED t |"
            + " true | true",
        "half were refused | UPLOAD r a, UPLOAD s b, FAILED r, UPLOADED s | false | false",
        "all were refused | UPLOAD r a, FAILED r | false | false",
        "a later round was taken | UPLOAD r a, FAILED r, UPLOAD r a, UPLOADED r | true | true",
        "another descriptor is owed | CREATED a, CREATED b, UPLOAD r a, UPLOADED r | false | false",
        "both rounds | CREATED a, CREATED b, UPLOAD r a, UPLOADED r, UPLOAD r b, UPLOADED r | true"
            + " | true",
        "a refused first one is owed | UPLOAD r a, FAILED r, UPLOAD r b, UPLOADED r | false |"
            + " false",
        "one relay has both | UPLOAD r a, UPLOAD r b, UPLOADED r, UPLOADED r | true | true",
        "it took but one of both | UPLOAD r a, UPLOAD r b, UPLOADED r | false | false",
        "another relay says so | UPLOAD r a, UPLOADED s, UPLOADED t | false | false",
        "only ends | UPLOADED r, UPLOADED s | false | false",
        "a fetch failed | UPLOAD r a, FAILED r x, UPLOADED r | true | true",
        "this tor is a client too | REQUESTED r a, RECEIVED r a | false | false",
      })
  void itIsPublishedWhenEachDescriptorIsAtARelay(
      String what, String events, boolean areDone, boolean suffice) {
    var uploads = after(events);
    assertThat(uploads.areDone()).as(what + ": " + uploads).isEqualTo(areDone);
    assertThat(uploads.suffice()).as(what + ": " + uploads).isEqualTo(suffice);
  }

  @Test
  void eventsOfOtherServicesCountForNothing() {
    var uploads = after("CREATED a");
    var other =
        OnionAddress.of(
                new byte[] {
                  1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                  0, 0, 0, 0, 0
                })
            .text();
    uploads.take(read(other.substring(0, 56), "UPLOAD", "r", "a"));
    uploads.take(read(other.substring(0, 56), "UPLOADED", "r"));
    uploads.take(read("UNKNOWN", "UPLOADED", "r"));
    assertThat(uploads).hasToString("0 of 0 uploads taken, 0 under way");
  }

  @Test
  void endlessEventsAreCountedToABound() {
    var uploads = new Uploads(OURS);
    for (var i = 0; i < 100_000; i++) {
      uploads.take(read(ID, "CREATED", "d" + i));
      uploads.take(read(ID, "UPLOAD", "r" + i, "d" + i));
    }
    assertThat(uploads).hasToString("0 of 256 uploads taken, 256 under way");
    assertThat(uploads.areDone()).isFalse();
  }
}
