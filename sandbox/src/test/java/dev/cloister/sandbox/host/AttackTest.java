package dev.cloister.sandbox.host;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cloister.core.Denied;
import dev.cloister.core.key.SecretAccess;
import dev.cloister.core.token.Terms;
import dev.cloister.core.token.Token;
import dev.cloister.core.token.TokenRegistry;
import dev.cloister.sandbox.runtime.CellApi;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What strangers try with tokens at a host, their own, others' and invented ones. */
final class AttackTest {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final long SEED = 20_260_102;

  @TempDir private Path directory;
  private final AtomicInteger received = new AtomicInteger();
  private World world;
  private StartedCell cell;

  @BeforeEach
  void openTheWorld() throws IOException {
    world = new World(directory.resolve("cells"), this::echo);
    cell = world.running();
  }

  @AfterEach
  void closeTheWorld() throws IOException {
    world.close();
  }

  private void echo(byte[] code, CellApi api) throws InterruptedException {
    for (var message = api.receive(LONG); message.isPresent(); message = api.receive(LONG)) {
      received.incrementAndGet();
      api.send(message.get());
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  private static byte[] bytesOf(Token token) {
    return token.use(SecretAccess.granted(), byte[]::clone);
  }

  private static void refused(ThrowingCallable act) {
    assertThatExceptionOfType(Denied.class)
        .isThrownBy(act)
        .withMessage("token: this token is not good for that")
        .withNoCause();
  }

  /** Tries all that a host does by token. */
  private void refusedEverywhere(byte[] token, byte[] nonce) {
    refused(() -> world.host.load(Shown.of(token, nonce), World.CODE, new byte[0]));
    refused(() -> world.host.send(Shown.of(token, nonce), bytes("x")));
    refused(() -> world.host.endInput(Shown.of(token, nonce)));
    refused(() -> world.host.call(Shown.of(token, nonce), bytes("x"), LONG));
    refused(() -> world.host.attach(Shown.of(token, nonce), -1));
    refused(() -> world.host.delegate(Shown.of(token, nonce), Terms.lasting(MINUTE)));
    refused(() -> world.host.shutdown(Shown.of(token, nonce)));
  }

  private void stillAnswers() throws IOException {
    assertThat(world.host.call(Shown.now(cell.grant().invocation()), bytes("still here"), LONG))
        .isEqualTo(bytes("still here"));
  }

  /** Runs an act in many threads at the same moment; counts those that were not refused. */
  private static int winners(int threads, Callable<?> act) throws Exception {
    var ready = new CountDownLatch(threads);
    var won = new AtomicInteger();
    try (var all = Executors.newFixedThreadPool(threads)) {
      for (var i = 0; i < threads; i++) {
        var _ =
            all.submit(() -> {
              ready.countDown();
              ready.await();
              try {
                act.call();
                won.incrementAndGet();
              } catch (Denied _) {
                // Lost.
              }
              return null;
            });
      }
    }
    return won.get();
  }

  @Test
  void aTokenReachesItsOwnCellAlone() throws Exception {
    var other = world.running();
    world.host.send(Shown.now(other.grant().invocation()), bytes("for the other"));
    assertThat(world.attached(other, -1).receive(LONG)).isPresent();
    assertThat(world.host.call(Shown.now(cell.grant().invocation()), bytes("mine"), LONG))
        .isEqualTo(bytes("mine"));
    world.host.shutdown(Shown.now(other.grant().shutdown()));
    stillAnswers();
  }

  @Test
  void theTokensOfAnotherHostAreWorthNothing() throws Exception {
    try (var elsewhere = new World(directory.resolve("others"), this::echo)) {
      var foreign = elsewhere.running();
      for (Token token : List.of(foreign.grant().invocation(), foreign.grant().shutdown())) {
        refusedEverywhere(bytesOf(token), new byte[TokenRegistry.NONCE_BYTES]);
      }
    }
    stillAnswers();
  }

  @Test
  void ofManyReplaysAtOnceExactlyOneWins() throws Exception {
    for (var round = 1; round <= 50; round++) {
      var shown = Shown.now(cell.grant().invocation());
      var won =
          winners(
              16,
              () -> {
                world.host.send(shown, bytes("once"));
                return true;
              });
      assertThat(won).isEqualTo(1);
    }
    stillAnswers();
    assertThat(received).hasValue(51);
  }

  @Test
  void ofManyShutdownsAtOnceExactlyOneWins() throws Exception {
    var won =
        winners(
            16,
            () -> {
              world.host.shutdown(Shown.now(cell.grant().shutdown()));
              return true;
            });
    assertThat(won).isEqualTo(1);
    assertThat(world.host.ledger().counters()).containsEntry("cells.living", 0L);
  }

  @Test
  void neitherRightStandsForTheOther() throws Exception {
    var invocation = cell.grant().invocation();
    refused(() -> world.host.shutdown(Shown.now(invocation)));
    var shutdown = cell.grant().shutdown();
    refused(() -> world.host.send(Shown.now(shutdown), bytes("x")));
    refused(() -> world.host.attach(Shown.now(shutdown), -1));
    refused(() -> world.host.delegate(Shown.now(shutdown), Terms.lasting(MINUTE)));
    stillAnswers();
    world.host.shutdown(Shown.now(shutdown));
  }

  @Test
  void aChildHasNoMoreUsesThanItsParent() throws Exception {
    var parent =
        world.host.delegate(Shown.now(cell.grant().invocation()), Terms.lasting(MINUTE).uses(3));
    var children = new ArrayList<Token>();
    for (var i = 0; i < 4; i++) {
      children.add(world.host.delegate(Shown.now(parent), Terms.lasting(MINUTE).uses(100)));
    }
    var next = new AtomicInteger();
    var won =
        winners(
            16,
            () -> {
              var child = children.get(next.getAndIncrement() % children.size());
              world.host.send(Shown.now(child), bytes("x"));
              return true;
            });
    assertThat(won).isEqualTo(3);
  }

  @Test
  void aChildOfAReaderSendsNothing() {
    var reader =
        world.host.delegate(Shown.now(cell.grant().invocation()), Terms.lasting(MINUTE).readOnly());
    var child = world.host.delegate(Shown.now(reader), Terms.lasting(MINUTE));
    refused(() -> world.host.send(Shown.now(child), bytes("x")));
    refused(() -> world.host.shutdown(Shown.now(child)));
    world.host.attach(Shown.now(child), -1);
  }

  @Test
  void aChildEndsWithItsParent() {
    var parent = world.host.delegate(Shown.now(cell.grant().invocation()), Terms.lasting(MINUTE));
    var child = world.host.delegate(Shown.now(parent), Terms.lasting(Duration.ofMinutes(5)));
    world.time.advance(MINUTE);
    refused(() -> world.host.attach(Shown.now(child), -1));
  }

  @Test
  void aChildOfOneWhoMayNotDelegateIsNotMade() {
    var parent =
        world.host.delegate(
            Shown.now(cell.grant().invocation()), Terms.lasting(MINUTE).undelegable());
    refused(() -> world.host.delegate(Shown.now(parent), Terms.lasting(MINUTE)));
  }

  @Test
  void noTokenOutlivesItsCell() throws Exception {
    var child = world.host.delegate(Shown.now(cell.grant().invocation()), Terms.lasting(MINUTE));
    world.host.shutdown(Shown.now(cell.grant().shutdown()));
    for (Token token : List.of(cell.grant().invocation(), cell.grant().shutdown(), child)) {
      refusedEverywhere(bytesOf(token), new byte[TokenRegistry.NONCE_BYTES]);
    }
  }

  @Test
  void noTokenOutlivesItsHost() throws Exception {
    world.close();
    refusedEverywhere(bytesOf(cell.grant().invocation()), new byte[TokenRegistry.NONCE_BYTES]);
  }

  @Test
  void whateverBytesAreShownTheAnswerIsTheSameAndNothingIsUsedUp() throws Exception {
    var random = new Random(SEED);
    var good = bytesOf(cell.grant().invocation());
    for (var i = 0; i < 10_000; i++) {
      var token = almost(good, random);
      var nonce = new byte[random.nextInt(4) == 0 ? random.nextInt(40) : TokenRegistry.NONCE_BYTES];
      random.nextBytes(nonce);
      refused(() -> world.host.send(Shown.of(token, nonce), bytes("x")));
    }
    refusedEverywhere(new byte[0], new byte[0]);
    assertThat(received).as("messages with seed %d", SEED).hasValue(0);
    stillAnswers();
  }

  /** Invented bytes, or the good ones but for a bit, the end or the beginning. */
  private static byte[] almost(byte[] good, Random random) {
    return switch (random.nextInt(4)) {
      case 0 -> {
        var invented = new byte[random.nextInt(100)];
        random.nextBytes(invented);
        yield invented;
      }
      case 1 -> {
        var flipped = good.clone();
        flipped[random.nextInt(good.length)] ^= (byte) (1 << random.nextInt(8));
        yield flipped;
      }
      case 2 -> Arrays.copyOf(good, (good.length + 1 + random.nextInt(good.length)) % 96);
      default -> Arrays.copyOfRange(good, 1 + random.nextInt(good.length), good.length);
    };
  }
}
