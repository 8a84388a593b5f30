package dev.cloister.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.testing.RequiresProgram;
import dev.cloister.core.token.Terms;
import dev.cloister.tor.testing.PrivateTor;
import dev.cloister.tor.testing.PrivateTorNetwork;
import java.io.IOException;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What is tried against a node on a network of tor: each is refused as its row says, and counted
 * there; and an honest client is served after it, or, with a flood, during it.
 */
@RequiresProgram(value = "python3", root = true)
@Timeout(180)
final class AttackTableTest {
  private static final long SEED = 20_261_123;
  private static final String BAD_TOKEN = "this token is not good for that";

  /** The kernel keeps no count of files that it does not let open. */
  private static final String NOT_COUNTED = "-";

  @RegisterExtension
  static final PrivateTor TOR = PrivateTor.of(PrivateTorNetwork.shape().relays(6)).forOneClass();

  private static AttackedNode node;

  @BeforeAll
  static void serve(PrivateTorNetwork network) throws IOException {
    node = new AttackedNode(network);
  }

  @AfterAll
  static void end() throws IOException {
    node.close();
  }

  /** Something that is tried. */
  @FunctionalInterface
  private interface Attempt {
    String make(Attacker attacker) throws IOException;
  }

  private static void isRefused(Attempt attempt, String refusal, String counter)
      throws IOException {
    var before = node.counters();
    try (var attacker = node.attacker()) {
      assertThat(attempt.make(attacker)).contains(refusal);
      if (!counter.equals(NOT_COUNTED)) {
        assertThat(node.counters().get(counter))
            .as("%s of %s", counter, node.counters())
            .isGreaterThan(before.getOrDefault(counter, 0L));
      }
      node.servesTheHonest();
    }
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          a place by its name       | cell.fetch('http://localhost:{elsewhere}/')          | Refused: network | api.refused
          by its literal address    | cell.fetch('http://127.0.0.1:{elsewhere}/')          | Refused: network | api.refused
          by a redirect             | cell.fetch('http://127.0.0.1:{away}/')               | Refused: network | api.refused
          over IPv6                 | cell.fetch('http://[::1]:{elsewhere}/')              | Refused: network | api.refused
          by a mapped address       | cell.fetch('http://[::ffff:127.0.0.1]:{elsewhere}/') | Refused: network | api.refused
          past the gate             | connect({elsewhere})                                 | PermissionError  | socket(2)
          a name server             | socket.getaddrinfo('localhost.example', 80)          | gaierror         | socket(2)
          the control port          | cell.fetch('http://127.0.0.1:{control}/')            | Refused: network | api.refused
          it past the gate          | connect({control})                                   | PermissionError  | socket(2)
          it through its own gate   | cell.tor('SIGNAL HALT')                              | Refused: tor.verb | api.refused
          two lines in one          | cell.tor('GETINFO version\\r\\nSIGNAL HALT')         | Refused: tor.line | api.refused
          the relay's port          | cell.fetch('http://{relay}/')                        | Refused: network | api.refused
          the node's own socket     | cell.fetch('http://127.0.0.1:{node}/')               | Refused: network | api.refused
          that past the gate        | connect({node})                                      | PermissionError  | socket(2)
          another's vault           | os.listdir('{cells}')                                | PermissionError  | -
          """)
  void ofAFunction(String name, String source, String refusal, String counter) throws IOException {
    isRefused(_ -> node.tryBySource(source), refusal, counter);
  }

  /** What a client tries, and what counts it. */
  enum Try {
    A_TOKEN_THAT_WAS_GUESSED(BAD_TOKEN, "tokens.refused.unknown") {
      @Override
      String on(Attacker attacker) throws IOException {
        var random = new Random(SEED);
        return attacker.sayBy(
            attacker.lent(lent()),
            token -> {
              random.nextBytes(token);
              return token;
            });
      }
    },
    ONES_OWN_SECRET_FOR_ANOTHERS_FUNCTION(BAD_TOKEN, "tokens.refused.mismatched") {
      @Override
      String on(Attacker attacker) throws IOException {
        return attacker.sayBy(
            attacker.lent(lent()),
            token -> {
              var own = attacker.ownToken();
              System.arraycopy(
                  own, IDENTIFIER_BYTES, token, IDENTIFIER_BYTES, own.length - IDENTIFIER_BYTES);
              return token;
            });
      }
    },
    A_RIGHT_TO_READ_FOR_ONE_TO_SAY(BAD_TOKEN, "tokens.refused.withoutRight") {
      @Override
      String on(Attacker attacker) throws IOException {
        return attacker.sayBy(attacker.lent(lent().readOnly()), token -> token);
      }
    },
    WHAT_WAS_SAID_BEFORE(BAD_TOKEN, "tokens.refused.replayed") {
      @Override
      String on(Attacker attacker) throws IOException {
        return attacker.sayAgain();
      }
    },
    A_FLOOD_THAT_SHAKES_NO_HANDS("ended", "node.refused.crowded") {
      @Override
      String on(Attacker attacker) throws IOException {
        return attacker.flood(false);
      }
    },
    A_FLOOD_THAT_BEGINS_A_HELLO("ended", "sessions.ended.crowdedOut") {
      @Override
      String on(Attacker attacker) throws IOException {
        return attacker.flood(true);
      }
    };

    private static final int IDENTIFIER_BYTES = 16;

    private final String refusal;
    private final String counter;

    Try(String refusal, String counter) {
      this.refusal = refusal;
      this.counter = counter;
    }

    private static Terms lent() {
      return Terms.lasting(Duration.ofMinutes(1)).uses(2);
    }

    abstract String on(Attacker attacker) throws IOException;
  }

  @ParameterizedTest
  @EnumSource
  void ofAClient(Try attempt) throws IOException {
    isRefused(attempt::on, attempt.refusal, attempt.counter);
  }
}
