package dev.cloister.sandbox.testing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.cloister.core.policy.Resource;
import dev.cloister.core.policy.ResourceLimits;
import dev.cloister.sandbox.runtime.Ending;
import dev.cloister.sandbox.runtime.Ending.Cause;
import dev.cloister.sandbox.runtime.FunctionRuntime;
import dev.cloister.sandbox.runtime.GuestProcess;
import dev.cloister.sandbox.runtime.Launch;
import dev.cloister.sandbox.runtime.RuntimeLabel.Claim;
import java.io.IOException;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * What every {@link FunctionRuntime} does, the fake and the real ones; extend it in a test of
 * yours, and say how each {@link Behaviour} is written for it.
 */
public abstract class FunctionRuntimeContract {
  private static final long SECONDS_AT_MOST = 60;
  private static final Ending SHUT_DOWN = Ending.of(Cause.SHUT_DOWN, "by this test");

  /** What a function of this contract does. */
  public enum Behaviour {
    /** Sends back each message that it receives, until none comes within 10 s; returns. */
    ECHO,
    /** Puts the entry {@code answer} of value {@code 42}, reads it, sends it, and returns. */
    STORE,
    /** Sends {@code 0} to {@code 9}, one message each, and exits with 7. */
    COUNT_AND_EXIT,
    /** Raises an error whose words are {@code no such luck}. */
    RAISE,
    /**
     * Asks for the time, and when that is refused, sends the grant's name, {@code time}; returns.
     */
    ASK_THE_TIME,
    /** Sends {@code on}, then computes without end and without any call. */
    SPIN,
    /** Sends {@code on}, then takes and touches memory, until it gets none: that it lets out. */
    HOARD,
    /**
     * Sends {@code on}, then starts processes that live on, until one cannot be: that it lets out.
     */
    MULTIPLY
  }

  /** For subclasses. */
  protected FunctionRuntimeContract() {}

  /**
   * Returns the runtime.
   *
   * @return one for all tests of an instance, or a new one
   * @throws IOException when it cannot be made
   */
  protected abstract FunctionRuntime runtime() throws IOException;

  /**
   * Returns what guests are run on.
   *
   * @return one with as many threads as there are tasks, for all tests of an instance; the subclass
   *     closes it after each test, and waits for its tasks
   */
  protected abstract ExecutorService tasks();

  /**
   * Prepares a start.
   *
   * @param cell an id
   * @param limits the most it may use
   * @return what to start, in an image that the behaviours are written for
   * @throws IOException when it cannot be prepared
   */
  protected abstract Launch launch(String cell, ResourceLimits limits) throws IOException;

  /**
   * Writes a function.
   *
   * @param behaviour what it does
   * @return its code; never asked for what only a limit ends that the label does not claim
   */
  protected abstract byte[] code(Behaviour behaviour);

  /**
   * Names what no function can be written to do, since there is nothing to do it with; a limit that
   * only such a function would reach is not tried.
   *
   * @return nothing, unless overridden
   */
  protected Set<Behaviour> impossible() {
    return Set.of();
  }

  private ResourceLimits limits() {
    return ResourceLimits.none()
        .with(Resource.CPU_SECONDS, "20")
        .with(Resource.CPU_SHARE, "1")
        .with(Resource.WALL_SECONDS, "60")
        .with(Resource.MEMORY_BYTES, 256L << 20)
        .with(Resource.PROCESSES, 8)
        .with(Resource.OPEN_FILES, 64)
        .with(Resource.DISK_BYTES, 1L << 20)
        .with(Resource.BYTES_IN, 16L << 20)
        .with(Resource.BYTES_OUT, 16L << 20);
  }

  private GuestProcess started(String cell, ResourceLimits limits) throws IOException {
    return runtime().start(launch(cell, limits));
  }

  private Future<Ending> running(GuestProcess guest, Behaviour behaviour, FakeCellApi api) {
    var code = code(behaviour);
    return tasks().submit(() -> guest.run(code, api));
  }

  /** Ticks, as a host does, until the guest has ended. */
  private static Ending ticked(GuestProcess guest, Future<Ending> run) throws Exception {
    var giveUp = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS_AT_MOST);
    while (System.nanoTime() < giveUp) {
      var next = Math.min(guest.tick(), 10_000_000);
      try {
        return run.get(Math.max(1, next), TimeUnit.NANOSECONDS);
      } catch (TimeoutException _) {
        // Not yet.
      } catch (ExecutionException e) {
        throw new AssertionError("run threw", e);
      }
    }
    throw new AssertionError("the guest did not end within " + SECONDS_AT_MOST + " s");
  }

  private Ending ended(Behaviour behaviour, FakeCellApi api) throws Exception {
    try (var guest = started("one", limits())) {
      return ticked(guest, running(guest, behaviour, api));
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  @Test
  final void itsLabelNamesItAndWhatDefeatsIt() throws IOException {
    var label = runtime().label();
    assertTrue(label.name().matches("[a-z][a-z0-9-]*"), label.name());
    assertFalse(label.fallsTo().isEmpty(), "every runtime falls to something");
  }

  @Test
  final void everyMessageArrivesByteForByte() throws Exception {
    var random = new Random(1);
    var messages = new byte[][] {new byte[0], new byte[1], new byte[1000], new byte[1 << 20]};
    for (var message : messages) {
      random.nextBytes(message);
    }
    var api = FakeCellApi.denying().given(messages);
    assertEquals(Ending.exited(0), ended(Behaviour.ECHO, api));
    for (var message : messages) {
      assertArrayEquals(message, api.taken());
    }
  }

  @Test
  final void whatIsStoredIsTheHosts() throws Exception {
    var api = FakeCellApi.denying();
    assertEquals(Ending.exited(0), ended(Behaviour.STORE, api));
    assertArrayEquals(bytes("42"), api.taken());
    assertArrayEquals(bytes("42"), api.store().get("answer"));
  }

  @Test
  final void messagesKeepTheirOrderAndTheExitCodeComesThrough() throws Exception {
    var api = FakeCellApi.denying();
    assertEquals(Ending.exited(7), ended(Behaviour.COUNT_AND_EXIT, api));
    for (var i = 0; i < 10; i++) {
      assertArrayEquals(bytes(Integer.toString(i)), api.taken());
    }
  }

  @Test
  final void anErrorThatNothingCaughtIsAnEndingWithItsWords() throws Exception {
    var ending = ended(Behaviour.RAISE, FakeCellApi.denying());
    assertEquals(Cause.FAILED, ending.cause());
    assertTrue(ending.detail().contains("no such luck"), ending.detail());
  }

  @Test
  final void aRefusedCallNamesItsGrantAndTheFunctionGoesOn() throws Exception {
    var api = FakeCellApi.denying("time");
    assertEquals(Ending.exited(0), ended(Behaviour.ASK_THE_TIME, api));
    assertEquals("time", new String(api.taken(), UTF_8));
  }

  @Test
  final void aFunctionThatHeedsNothingEndsWhenItIsStopped() throws Exception {
    var api = FakeCellApi.denying();
    try (var guest = started("one", limits())) {
      var run = running(guest, Behaviour.SPIN, api);
      assertArrayEquals(bytes("on"), api.taken());
      guest.stop(SHUT_DOWN);
      guest.stop(Ending.of(Cause.EXPIRED));
      assertEquals(SHUT_DOWN, run.get(SECONDS_AT_MOST, TimeUnit.SECONDS));
    }
  }

  @Test
  final void aWaitingFunctionEndsWhenItIsStopped() throws Exception {
    var api = FakeCellApi.denying();
    try (var guest = started("one", limits())) {
      var run = running(guest, Behaviour.ECHO, api);
      guest.stop(SHUT_DOWN);
      assertEquals(SHUT_DOWN, run.get(SECONDS_AT_MOST, TimeUnit.SECONDS));
    }
  }

  @Test
  final void aGuestThatWasStoppedBeforeItRanRunsNothing() throws Exception {
    var api = FakeCellApi.denying();
    try (var guest = started("one", limits())) {
      guest.stop(SHUT_DOWN);
      assertEquals(SHUT_DOWN, ticked(guest, running(guest, Behaviour.COUNT_AND_EXIT, api)));
      assertTrue(api.sent().isEmpty(), "it sent something");
    }
  }

  @Test
  final void closingEndsWhatRuns() throws Exception {
    var api = FakeCellApi.denying();
    var guest = started("one", limits());
    var run = running(guest, Behaviour.SPIN, api);
    assertArrayEquals(bytes("on"), api.taken());
    guest.close();
    guest.close();
    assertEquals(Cause.CLOSED, run.get(SECONDS_AT_MOST, TimeUnit.SECONDS).cause());
    assertEquals(Long.MAX_VALUE, guest.tick());
  }

  @Test
  final void guestsDoNotMix() throws Exception {
    var one = FakeCellApi.denying();
    var other = FakeCellApi.denying();
    try (var first = started("one", limits());
        var second = started("two", limits())) {
      var runOne = running(first, Behaviour.ECHO, one);
      var runOther = running(second, Behaviour.ECHO, other);
      other.given(bytes("for the other"));
      one.given(bytes("for the one"));
      assertEquals(Ending.exited(0), ticked(first, runOne));
      assertEquals(Ending.exited(0), ticked(second, runOther));
      assertArrayEquals(bytes("for the one"), one.taken());
      assertArrayEquals(bytes("for the other"), other.taken());
    }
  }

  /** Every limit that the label claims to enforce, and no other, is reached once. */
  @TestFactory
  final Stream<DynamicTest> aLimitThatIsEnforcedEndsAFunctionAndIsNamed() throws IOException {
    var claims = runtime().label().claims();
    return Stream.of(
            new Excess(Resource.CPU_SECONDS, "0.5", Behaviour.SPIN),
            new Excess(Resource.MEMORY_BYTES, "100000000", Behaviour.HOARD),
            new Excess(Resource.PROCESSES, "4", Behaviour.MULTIPLY))
        .filter(excess -> claims.get(excess.resource) == Claim.ENFORCED)
        .filter(excess -> !impossible().contains(excess.behaviour))
        .map(excess -> dynamicTest(excess.resource.label(), () -> reach(excess)));
  }

  /** A function that goes beyond one limit. */
  private record Excess(Resource resource, String limit, Behaviour behaviour) {}

  private void reach(Excess excess) throws Exception {
    var limits = limits().with(excess.resource, excess.limit);
    try (var guest = started("one", limits)) {
      var ending = ticked(guest, running(guest, excess.behaviour, FakeCellApi.denying()));
      assertEquals(Optional.of(excess.resource), ending.limit(), ending.toString());
    }
  }

  @Test
  final void whatIsAccountedIsToldAfterTheEndToo() throws Exception {
    var claimed = runtime().label().claims().get(Resource.CPU_SECONDS) != Claim.NOT_CLAIMED;
    try (var guest = started("one", limits())) {
      ticked(guest, running(guest, Behaviour.COUNT_AND_EXIT, FakeCellApi.denying()));
      assertEquals(claimed, guest.usage().cpuNanos() > 0, "CPU time");
      assertEquals(claimed, guest.usage().memoryPeakBytes() > 0, "memory");
    }
  }
}
