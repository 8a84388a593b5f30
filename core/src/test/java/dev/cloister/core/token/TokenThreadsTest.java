package dev.cloister.core.token;

import static dev.cloister.core.token.Tokens.HOUR;
import static dev.cloister.core.token.Tokens.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.Denied;
import java.util.ArrayList;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Many threads at one registry: what is counted is counted exactly. */
final class TokenThreadsTest {
  private static final int THREADS = 8;

  private final Tokens tokens = Tokens.ordinary();

  /** How often the act succeeds when each of the threads tries it so often, all at once. */
  private static int successes(int tries, Callable<Boolean> act)
      throws InterruptedException, ExecutionException {
    var start = new CyclicBarrier(THREADS);
    try (var pool = Executors.newFixedThreadPool(THREADS)) {
      var counts = new ArrayList<Future<Integer>>();
      for (var thread = 0; thread < THREADS; thread++) {
        counts.add(
            pool.submit(() -> {
              start.await();
              var count = 0;
              for (var i = 0; i < tries; i++) {
                count += act.call() ? 1 : 0;
              }
              return count;
            }));
      }
      var sum = 0;
      for (var count : counts) {
        sum += count.get();
      }
      return sum;
    }
  }

  @Test
  void aTokenOfNUsesIsTakenExactlyNTimes() throws Exception {
    var token = bytes(tokens.grant(Terms.lasting(HOUR).uses(1_000)).invocation());
    assertThat(successes(500, () -> tokens.show(token, Right.INVOKE).isPresent())).isEqualTo(1_000);
    assertThat(tokens.count(TokenCounter.ACCEPTED)).isEqualTo(1_000);
    assertThat(tokens.count(TokenCounter.EXHAUSTED)).isEqualTo(THREADS * 500 - 1_000);
  }

  @Test
  void ofManyReplaysExactlyOneWins() throws Exception {
    var token = bytes(tokens.grant().invocation());
    for (var round = 0; round < 200; round++) {
      var nonce = tokens.freshNonce();
      assertThat(
              successes(1, () -> tokens.registry.present(token, nonce, Right.INVOKE).isPresent()))
          .as("round %d", round)
          .isOne();
    }
  }

  @Test
  void childrenThatShareAParentTakeItsUsesAndNoMore() throws Exception {
    var parent = tokens.grant(Terms.lasting(HOUR).uses(300)).invocation();
    var first = bytes(tokens.child(parent, Terms.lasting(HOUR).uses(250)));
    var second = bytes(tokens.child(parent, Terms.lasting(HOUR).uses(250)));
    successes(
        100,
        () -> {
          tokens.show(first, Right.INVOKE);
          return tokens.show(second, Right.INVOKE).isPresent();
        });
    assertThat(tokens.count(TokenCounter.ACCEPTED)).isEqualTo(300);
  }

  @Test
  void whatIsRevokedAmidUseIsGoneAndLeavesNothing() throws Exception {
    var grant = tokens.grant();
    var token = bytes(grant.invocation());
    successes(
        200,
        () -> {
          tokens.show(token, Right.INVOKE);
          tokens.registry.tick();
          if (tokens.count(TokenCounter.ACCEPTED) > 50) {
            tokens.registry.revoke(grant.context());
          }
          return true;
        });
    assertThat(tokens.show(token, Right.INVOKE)).isEmpty();
    assertThat(tokens.count(TokenCounter.LIVE)).isZero();
    assertThat(tokens.count(TokenCounter.NONCES)).isZero();
  }

  @Test
  void grantsIssuedAtOnceStayWithinTheBound() throws Exception {
    var few = Tokens.under(TokenLimits.defaults().grants(1_900));
    var issued =
        successes(
            250,
            () -> {
              try (var grant = few.grant()) {
                return !grant.invocation().isDestroyed();
              } catch (Denied full) {
                return false;
              }
            });
    assertThat(issued).isEqualTo(1_900);
    assertThat(few.count(TokenCounter.LIVE)).isEqualTo(3_800);
  }
}
