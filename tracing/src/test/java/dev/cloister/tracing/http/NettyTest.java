package dev.cloister.tracing.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.tracing.flow.Direction;
import dev.cloister.tracing.http.NettyOracle.Message;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What is well-formed is read as netty reads it, wherever segments are cut. */
final class NettyTest {
  private static final int DIALOGUES = 500;
  private static final int CUTS_OF_EACH = 2;

  @Test
  void wellFormedConnectionsAreReadAsNettyReadsThemHoweverTheyAreCut() {
    for (var seed = 0L; seed < DIALOGUES; seed++) {
      var dialogue = new Dialogue(seed);
      var random = new SplittableRandom(~seed);
      for (var i = 0; i < CUTS_OF_EACH; i++) {
        var wire = new Wire();
        if (random.nextBoolean()) {
          pipelined(wire, dialogue, random);
        } else {
          inTurns(wire, dialogue, random);
        }
        assertAsNetty(dialogue, wire, "seed " + seed + ", cut " + i);
      }
    }
  }

  private static void pipelined(Wire wire, Dialogue dialogue, SplittableRandom random) {
    send(wire, Direction.CLIENT_TO_SERVER, Dialogue.joined(dialogue.requests), random);
    send(wire, Direction.SERVER_TO_CLIENT, Dialogue.joined(dialogue.responses), random);
  }

  private static void inTurns(Wire wire, Dialogue dialogue, SplittableRandom random) {
    for (var i = 0; i < dialogue.requests.size(); i++) {
      send(wire, Direction.CLIENT_TO_SERVER, dialogue.requests.get(i), random);
      send(wire, Direction.SERVER_TO_CLIENT, dialogue.responses.get(i), random);
    }
  }

  private static void send(Wire wire, Direction direction, byte[] stream, SplittableRandom random) {
    var most = random.nextBoolean() ? 8 : 1448;
    for (var at = 0; at < stream.length; ) {
      var end = Math.min(stream.length, at + 1 + random.nextInt(most));
      wire.send(direction, Arrays.copyOfRange(stream, at, end));
      at = end;
    }
  }

  private static void assertAsNetty(Dialogue dialogue, Wire wire, String which) {
    var requests = NettyOracle.requests(Dialogue.joined(dialogue.requests));
    var responses = NettyOracle.responses(Dialogue.joined(dialogue.responses), requests);
    var finals = responses.stream().filter(response -> !response.start().startsWith("1")).toList();
    var told = wire.end();
    assertThat(messages(told, "request")).as(which).isEqualTo(requests);
    assertThat(messages(told, "response")).as(which).isEqualTo(finals);
    assertThat(wire.requests()).as(which).isEqualTo(requests.size());
    assertThat(wire.responses()).as(which).isEqualTo(responses.size());
    assertThat(told).as(which).allMatch(one -> one.text("outcome").equals("complete"));
    assertThat(told.stream().map(NettyTest::decoded)).as(which).isEqualTo(dialogue.decoded);
  }

  private static long decoded(Wire.Told told) {
    var path = "response.decodedBytes";
    return told.has(path) ? told.number(path) : -1;
  }

  private static List<Message> messages(List<Wire.Told> told, String part) {
    var messages = new ArrayList<Message>();
    for (var one : told) {
      messages.add(
          new Message(
              part.equals("request")
                  ? one.text("request.method") + " " + one.text("request.url")
                  : one.number("response.status") + " " + one.text("response.reason"),
              one.text(part + ".version"),
              (int) one.number(part + ".headers"),
              one.has(part + ".contentType") ? one.text(part + ".contentType") : "",
              one.number(part + ".bodyBytes")));
    }
    return messages;
  }
}
