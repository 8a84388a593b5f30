package dev.cloister.tracing.tracer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.tracing.http.Http;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What parsers hear of a connection that both its ends have closed. */
final class ClosedConnectionTest {
  @TempDir private Path directory;
  private final List<byte[]> frames = new ArrayList<>();

  private List<String> trace(String run) throws IOException {
    return Lab.trace(directory.resolve(run), frames, Http.parser());
  }

  @Test
  void contentUpToTheCloseEndsWithIt() throws IOException {
    var talk = Talk.from(3000, frames);
    talk.say("GET / HTTP/1.0\r\n\r\n");
    talk.answer("HTTP/1.0 200 OK\r\n\r\nhello");
    talk.close();
    var alone = trace("alone");
    assertThat(alone).singleElement().asString().contains("\"outcome\":\"complete\"");
    // Time goes on, a millisecond a frame, and the closed connection lingers.
    var other = Talk.from(4000, frames);
    for (var i = 0; i < 100; i++) {
      other.say("tick" + i);
    }
    assertThat(trace("longer")).isEqualTo(alone);
  }

  @Test
  void whatIsSaidBehindBothFinsIsTracedToo() throws IOException {
    var talk = Talk.from(3000, frames);
    for (var path : List.of("/before", "/behind")) {
      talk.say("GET " + path + " HTTP/1.1\r\nHost: a.example\r\n\r\n");
      talk.answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
      talk.close();
    }
    assertThat(trace("all"))
        .satisfiesExactly(
            line -> assertThat(line).contains("/before", "\"outcome\":\"complete\""),
            line -> assertThat(line).contains("/behind", "\"outcome\":\"complete\""));
  }

  @Test
  void aConnectionThatFailedAtItsCloseStaysOut() throws IOException {
    var talk = Talk.from(3000, frames);
    talk.say("one");
    talk.close();
    talk.say("two");
    var failing =
        new Words(
            Words.Hook.when(
                Words.Moment.END,
                0,
                (_, _, _) -> {
                  throw new IllegalStateException("at the end");
                }));
    assertThat(Lab.trace(directory, frames, failing))
        .singleElement()
        .asString()
        .contains("\"text\":\"one\"");
  }
}
