package dev.cloister.sandbox.host;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.Denied;
import dev.cloister.core.gate.Exchange;
import dev.cloister.core.key.SecretAccess;
import dev.cloister.core.token.Terms;
import dev.cloister.core.token.Token;
import dev.cloister.sandbox.runtime.CellApi;
import dev.cloister.sandbox.runtime.Ending.Cause;
import dev.cloister.sandbox.testing.InMemoryRuntime;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FunctionCallsTest {
  private static final String POLICY =
      World.POLICY
          .replace("time, exit]", "time, exit, call]")
          .replace("processes: 3", "processes: 200")
          .replaceFirst(
              "total: .*\n.*\n",
              """
              total: {cpuSeconds: 2000, cpuShare: 200, wallSeconds: 12000, memoryBytes: 200000000,
                processes: 200, openFiles: 3200, diskBytes: 20000000, bytesIn: 200000000,
                bytesOut: 200000000}
              """);

  private static final Duration LONG = Duration.ofSeconds(20);
  private static final Duration SHORT = Duration.ofMillis(200);

  @TempDir private Path directory;

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  private static Shown invocation(StartedCell cell) {
    return Shown.now(cell.grant().invocation());
  }

  private static byte[] grantOf(Token token) {
    return token.use(SecretAccess.granted(), byte[]::clone);
  }

  private static byte[] grantOf(StartedCell cell) {
    return grantOf(cell.grant().invocation());
  }

  /** Answers each message by what came of passing it on to whoever the data grants. */
  private static void passOn(byte[] code, CellApi api) throws Exception {
    var grant = api.get("data").orElseThrow();
    while (true) {
      var message = api.receive(LONG);
      if (message.isEmpty()) {
        return;
      }
      api.send(grant.length == 0 ? message.get() : passedOn(api, grant, message.get()));
    }
  }

  private static byte[] passedOn(CellApi api, byte[] grant, byte[] message) {
    try {
      return api.call(grant, message);
    } catch (Denied e) {
      return bytes("refused: " + e.rule());
    } catch (IOException e) {
      return bytes("failed: " + e.getMessage());
    }
  }

  private World world(InMemoryRuntime.Function function) throws IOException {
    return world(function, _ -> Optional.empty());
  }

  private World world(InMemoryRuntime.Function function, Callees elsewhere) throws IOException {
    return new World(
        directory,
        POLICY,
        plan -> plan.callDeadline(SHORT).callees(elsewhere),
        InMemoryRuntime.of(function));
  }

  private static StartedCell loaded(World world, byte[] grant, String... more) throws IOException {
    var cell = world.host.start(World.manifestFor("receive, send, store, call", more));
    world.host.load(invocation(cell), World.CODE, grant);
    return cell;
  }

  private static StartedCell echo(World world, String... more) throws IOException {
    return loaded(world, new byte[0], more);
  }

  private static String asked(World world, StartedCell cell, String message) throws IOException {
    return new String(world.host.call(invocation(cell), bytes(message), LONG), UTF_8);
  }

  @Test
  void aFunctionGetsWhatAnotherAnswers() throws IOException {
    try (var world = world(FunctionCallsTest::passOn)) {
      var callee = echo(world);
      var between = loaded(world, grantOf(callee));
      var caller = loaded(world, grantOf(between));
      assertThat(asked(world, caller, "through two")).isEqualTo("through two");
      assertThat(world.host.ledger().counters()).containsEntry("calls.answered", 2L);
    }
  }

  @Test
  void withoutTheGrantToCallThereIsNoCall() throws IOException {
    try (var world = world(FunctionCallsTest::passOn)) {
      var callee = echo(world);
      var cell = world.host.start(World.manifestFor("receive, send, store"));
      world.host.load(invocation(cell), World.CODE, grantOf(callee));
      assertThat(asked(world, cell, "x")).isEqualTo("refused: api.call");
    }
  }

  @Test
  void aNarrowedGrantIsGoodForWhatItSaysAndNoMore() throws IOException {
    try (var world = world(FunctionCallsTest::passOn)) {
      var callee = echo(world);
      var once = Terms.lasting(Duration.ofMinutes(1)).uses(1).undelegable();
      var caller = loaded(world, grantOf(world.host.delegate(invocation(callee), once)));
      assertThat(asked(world, caller, "first")).isEqualTo("first");
      assertThat(asked(world, caller, "second")).isEqualTo("refused: token");
    }
  }

  @Test
  void aGrantToReadIsNoneToCall() throws IOException {
    try (var world = world(FunctionCallsTest::passOn)) {
      var callee = echo(world);
      var reading = Terms.lasting(Duration.ofMinutes(1)).readOnly();
      var caller = loaded(world, grantOf(world.host.delegate(invocation(callee), reading)));
      assertThat(asked(world, caller, "x")).isEqualTo("refused: token");
    }
  }

  @Test
  void bytesThatAreNoGrantAreRefusedAlike() throws IOException {
    try (var world = world(FunctionCallsTest::passOn)) {
      for (var length : new int[] {1, 47, 48, 49, 10_000}) {
        assertThat(asked(world, loaded(world, new byte[length]), "x")).isEqualTo("refused: token");
      }
    }
  }

  /** A function that first gets its grant as a message, since it is made before its callee. */
  private static void learnThenPassOn(byte[] code, CellApi api) throws Exception {
    var grant = api.receive(LONG).orElseThrow();
    api.send(bytes("learnt"));
    while (true) {
      var message = api.receive(LONG);
      if (message.isEmpty()) {
        return;
      }
      api.send(passedOn(api, grant, message.get()));
    }
  }

  @Test
  void aFunctionThatCallsItselfIsRefused() throws IOException {
    try (var world = world(FunctionCallsTest::learnThenPassOn)) {
      var cell = echo(world);
      world.host.call(invocation(cell), grantOf(cell), LONG);
      assertThat(asked(world, cell, "x")).isEqualTo("refused: call.circle");
    }
  }

  @Test
  void aCircleOfThreeIsRefusedWhereItWouldClose() throws IOException {
    try (var world = world(FunctionCallsTest::learnThenPassOn)) {
      var cells = new ArrayList<StartedCell>();
      for (var i = 0; i < 3; i++) {
        cells.add(echo(world));
      }
      for (var i = 0; i < 3; i++) {
        world.host.call(invocation(cells.get(i)), grantOf(cells.get((i + 1) % 3)), LONG);
      }
      assertThat(asked(world, cells.getFirst(), "x")).isEqualTo("refused: call.circle");
      assertThat(world.host.ledger().counters()).containsEntry("calls.refused.circle", 1L);
      // Nothing of it is left behind: the others can be called again.
      assertThat(asked(world, cells.get(1), "x")).isEqualTo("refused: call.circle");
    }
  }

  @Test
  void aSlowFunctionIsAnErrorAndItsLateAnswerIsNoOnesElse() throws Exception {
    var held = new CountDownLatch(1);
    InMemoryRuntime.Function slowAtFirst =
        (code, api) -> {
          if (api.get("data").orElseThrow().length > 0) {
            passOn(code, api);
            return;
          }
          var first = api.receive(LONG).orElseThrow();
          held.await();
          api.send(first);
          passOn(code, api);
        };
    try (var world = world(slowAtFirst)) {
      var callee = echo(world);
      var caller = loaded(world, grantOf(callee));
      assertThat(asked(world, caller, "first")).isEqualTo("failed: no answer within " + SHORT);
      var other = loaded(world, grantOf(callee));
      world.host.send(invocation(other), bytes("second"));
      held.countDown();
      var answer = world.attached(other, -1).receive(LONG).orElseThrow();
      assertThat(new String(answer.bytes(), UTF_8)).isEqualTo("second");
    }
  }

  @Test
  void aFunctionThatHasEndedIsAnError() throws Exception {
    InMemoryRuntime.Function endsOrCalls =
        (code, api) -> {
          if (api.get("data").orElseThrow().length == 0) {
            api.receive(LONG);
            return;
          }
          passOn(code, api);
        };
    try (var world = world(endsOrCalls)) {
      var caller = loaded(world, grantOf(echo(world)));
      assertThat(asked(world, caller, "x"))
          .isEqualTo("failed: the function ended without an answer");
      assertThat(asked(world, caller, "y")).startsWith("failed: the function takes no message now");
    }
  }

  @Test
  void aFunctionThatWasShutDownIsGone() throws IOException {
    try (var world = world(FunctionCallsTest::passOn)) {
      var callee = echo(world);
      var caller = loaded(world, grantOf(callee));
      world.host.shutdown(Shown.now(callee.grant().shutdown()));
      assertThat(asked(world, caller, "x")).isEqualTo("refused: token");
    }
  }

  @Test
  void moreCallersThanCanWaitAreTurnedAway() throws Exception {
    InMemoryRuntime.Function deaf =
        (_, api) -> {
          api.receive(LONG);
          new CountDownLatch(1).await();
        };
    try (var world = world(deaf);
        var clients = Executors.newVirtualThreadPerTaskExecutor()) {
      var cell = echo(world);
      var calls = new ArrayList<Future<byte[]>>();
      for (var i = 0; i < 2 * CellGate.WAITING_MOST; i++) {
        calls.add(
            clients.submit(
                () -> world.host.call(invocation(cell), bytes("x"), Duration.ofSeconds(2))));
      }
      var turnedAway = 0;
      for (var call : calls) {
        if (outcome(call).contains("calls wait for the function already")) {
          turnedAway++;
        }
      }
      assertThat(turnedAway).isBetween(1, CellGate.WAITING_MOST);
    }
  }

  private static String outcome(Future<byte[]> call) throws InterruptedException {
    try {
      return Arrays.toString(call.get());
    } catch (ExecutionException e) {
      return e.toString();
    }
  }

  @Test
  void eachSideIsChargedForItsOwnBytes() throws IOException {
    try (var world = world(FunctionCallsTest::passOn)) {
      var callee = echo(world);
      var caller = loaded(world, grantOf(callee));
      asked(world, caller, "x".repeat(1000));
      var code = World.CODE.length;
      var ofCallee = world.attached(callee, -1).usage();
      assertThat(ofCallee.bytesIn()).isEqualTo(code + 1000);
      assertThat(ofCallee.bytesOut()).isEqualTo(1000);
      var ofCaller = world.attached(caller, -1).usage();
      // Code, grant, the client's message, the callee's answer; the call, and the answer to the
      // client.
      assertThat(ofCaller.bytesIn()).isEqualTo(code + Token.BYTES + 1000 + 1000);
      assertThat(ofCaller.bytesOut()).isEqualTo(1000 + 1000);
    }
  }

  @Test
  void aCalleesLimitEndsTheCalleeAlone() throws Exception {
    try (var world = world(FunctionCallsTest::passOn)) {
      var callee = echo(world, "limits: {bytesIn: 500}");
      var caller = loaded(world, grantOf(callee));
      var ofCallee = world.attached(callee, -1);
      assertThat(asked(world, caller, "x".repeat(1000)))
          .isEqualTo("failed: the called function is over: limits.bytesIn");
      assertThat(world.ended(ofCallee).cause()).isEqualTo(Cause.LIMIT);
      assertThat(world.attached(caller, -1).ending()).isEmpty();
    }
  }

  @Test
  void aFunctionElsewhereIsReachedByTheSameSeam() throws IOException {
    Callees elsewhere =
        grant ->
            new String(grant, UTF_8).equals("there")
                ? Optional.of(answering("from there"))
                : Optional.empty();
    try (var world = world(FunctionCallsTest::passOn, elsewhere)) {
      assertThat(asked(world, loaded(world, bytes("there")), "x")).isEqualTo("x from there");
      assertThat(asked(world, loaded(world, bytes("nowhere")), "x")).isEqualTo("refused: token");
    }
  }

  private static Exchange answering(String text) {
    return new Exchange() {
      @Override
      public byte[] exchange(byte[] request, Duration deadline) {
        return bytes(new String(request, UTF_8) + " " + text);
      }

      @Override
      public void close() {
        // Nothing is open.
      }
    };
  }
}
