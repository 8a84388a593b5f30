package dev.cloister.sandbox.session;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cloister.core.ContextDestroyed;
import dev.cloister.core.Denied;
import dev.cloister.core.TimeSource;
import dev.cloister.core.key.SecretAccess;
import dev.cloister.core.token.Terms;
import dev.cloister.sandbox.runtime.CellApi;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A function of one node calls one of another, by a grant that its client gave it. */
final class RemoteCalleesTest {
  private static final Duration MINUTE = Duration.ofMinutes(1);

  @TempDir private Path directory;

  /** Answers by what the callee, whose grant is its data, answers; or how that failed. */
  private static void relay(byte[] code, CellApi api) throws Exception {
    var grant = api.get("data").orElseThrow();
    for (var message = api.receive(MINUTE); message.isPresent(); message = api.receive(MINUTE)) {
      try {
        api.send(api.call(grant, message.get()));
      } catch (Denied | IOException e) {
        api.send((e.getClass().getSimpleName() + ": " + e.getMessage()).getBytes(UTF_8));
      }
    }
  }

  /** Answers each message by itself and a mark. */
  private static void mark(byte[] code, CellApi api) throws Exception {
    for (var message = api.receive(MINUTE); message.isPresent(); message = api.receive(MINUTE)) {
      api.send((new String(message.get(), UTF_8) + "!").getBytes(UTF_8));
    }
  }

  private Node far() throws IOException {
    return new Node(directory.resolve("far"), ServerLimits.defaults(), RemoteCalleesTest::mark);
  }

  private Node near(Node far) throws IOException {
    var callees =
        RemoteCallees.by(node ->
            node.equals("far")
                ? Optional.of(CellClient.over(_ -> far.dial(), node))
                : Optional.empty());
    return new Node(
        directory.resolve("near"),
        ServerLimits.defaults(),
        TimeSource.system(),
        plan -> plan.callees(callees),
        RemoteCalleesTest::relay);
  }

  private static RemoteCell relaying(Node near, byte[] grant) throws IOException {
    var cell = near.client().admit(Node.manifest("receive, send, store, call")).start();
    cell.load(Node.CODE, grant);
    return cell;
  }

  private static String asked(RemoteCell cell, String message) throws IOException {
    return new String(cell.call(message.getBytes(UTF_8), Node.LONG), UTF_8);
  }

  @Test
  void theAnswerComesFromTheOtherNodeAsLongAsTheGrantIsGood() throws IOException {
    try (var far = far();
        var near = near(far);
        var callee = far.running(new byte[0]);
        var grant = callee.delegate(Terms.lasting(MINUTE).uses(2))) {
      var bytes =
          new String(grant.bytes(SecretAccess.granted()), US_ASCII)
              .replace("node here", "node far")
              .getBytes(US_ASCII);
      try (var caller = relaying(near, bytes)) {
        assertThat(asked(caller, "one")).isEqualTo("one!");
        assertThat(asked(caller, "two")).isEqualTo("two!");
        assertThat(asked(caller, "three")).startsWith("IOException").contains("over: token");
        callee.shutdown();
        assertThat(asked(caller, "four")).startsWith("IOException").contains("over: token");
      }
    }
  }

  @Test
  void whatIsNoGrantOrLeadsNowhereIsRefusedAsAnyTokenThatIsNotGood() throws IOException {
    try (var far = far();
        var near = near(far);
        var callee = far.running(new byte[0]);
        var elsewhere = callee.grant();
        var lost = relaying(near, elsewhere.bytes(SecretAccess.granted()));
        var none = relaying(near, "no grant".getBytes(UTF_8))) {
      assertThat(asked(lost, "m")).isEqualTo("Denied: token: this token is not good for that");
      assertThat(asked(none, "m")).isEqualTo(asked(lost, "m"));
    }
  }

  @Test
  void anExchangeThatWasClosedIsGone() throws IOException {
    try (var far = far();
        var callee = far.running(new byte[0]);
        var grant = callee.grant()) {
      var callees = RemoteCallees.by(_ -> Optional.of(far.client()));
      var exchange = callees.reach(grant.bytes(SecretAccess.granted())).orElseThrow();
      assertThat(exchange.exchange("m".getBytes(UTF_8), Node.LONG)).asString(UTF_8).isEqualTo("m!");
      exchange.close();
      assertThatExceptionOfType(ContextDestroyed.class)
          .isThrownBy(() -> exchange.exchange("m".getBytes(UTF_8), Node.LONG));
    }
  }
}
