package dev.cloister.sandbox.runtime.spawned;

import dev.cloister.core.TimeSource;
import dev.cloister.core.internal.Failures;
import dev.cloister.core.policy.Resource;
import dev.cloister.core.policy.ResourceLimits;
import dev.cloister.sandbox.confine.ConfinedChild;
import dev.cloister.sandbox.confine.DeniedCall;
import dev.cloister.sandbox.guest.GuestChannel;
import dev.cloister.sandbox.guest.GuestEnd;
import dev.cloister.sandbox.guest.Pipes;
import dev.cloister.sandbox.runtime.CellApi;
import dev.cloister.sandbox.runtime.Ending;
import dev.cloister.sandbox.runtime.Ending.Cause;
import dev.cloister.sandbox.runtime.GuestProcess;
import dev.cloister.sandbox.runtime.Usage;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A guest that is a process of the host's system, with whatever that started. Its limits of CPU
 * time and memory are looked at by {@link #tick}; what the kernel enforces by itself needs no look.
 *
 * <p>In a control group, its code begins in the background. By a tick it comes out, unless it used
 * more than half of its share of a processor since the last look, at least 20 ms ago; one that does
 * so later is put there again: see {@link dev.cloister.sandbox.cgroup.ControlGroup#background}.
 */
public final class SpawnedGuest implements GuestProcess {
  /** How long a guest may take until it stands ready for its code. */
  public static final Duration HELLO = Duration.ofSeconds(30);

  /** The longest time between two looks, which is how long a denied call may wait: 10 ms. */
  static final long LOOK_NANOS = 10_000_000;

  /** How the guest's side words a call that the host refused at a limit. */
  private static final Pattern METERED = Pattern.compile("^cell\\.Refused: limits\\.([A-Za-z]+)");

  private static final Duration FIRST_CALLS = Duration.ofMillis(100);

  /** The pipes of a child, as its channel asks of them. */
  private record ChildPipes(ConfinedChild child) implements Pipes {
    @Override
    public boolean haveOutput(Duration atMost) {
      return child.hasOutput(atMost);
    }

    @Override
    public boolean haveRoom(int bytes) {
      return child.hasRoom(bytes);
    }
  }

  private final ConfinedChild child;
  private final Accounts accounts;
  private final ResourceLimits limits;
  private final List<Closeable> belongings;
  private final GuestChannel channel;
  private final LastWords words;

  private @Nullable Ending ending;
  private @Nullable Thread serving;

  /** Whether the serving thread was interrupted, by us: then the interruption stays here. */
  private boolean calledBack;

  private boolean closed;

  /**
   * Takes a child that was started, and waits until it stands ready.
   *
   * @param belongings what is given back after its death, in this order
   * @throws IOException when it does not get ready; then it is gone, with all that belongs to it
   */
  SpawnedGuest(
      ConfinedChild child,
      Accounts accounts,
      ResourceLimits limits,
      List<Closeable> belongings,
      TimeSource time)
      throws IOException {
    this.child = child;
    this.accounts = accounts;
    this.limits = limits;
    this.belongings = List.copyOf(belongings);
    var process = child.process();
    this.channel =
        new GuestChannel(
            process.getInputStream(), process.getOutputStream(), new ChildPipes(child));
    this.words = new LastWords(process.getErrorStream());
    try {
      awaitHello(time);
    } catch (IOException | RuntimeException e) {
      Failures.undo(e, this::close);
      throw e;
    }
  }

  private void awaitHello(TimeSource time) throws IOException {
    try {
      child.awaitOutput(HELLO);
      if (!channel.awaitHello(HELLO, child.process()::isAlive, time)) {
        words.read();
        throw new IOException(
            "the guest did not get ready: %s%s".formatted(words.last(), denied()));
      }
      account();
      // From here on it may be a stranger's.
      child.calls().seal();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while the guest got ready", e);
    }
  }

  @Override
  public Ending run(byte[] code, CellApi api) {
    if (code.length > channel.longestCode()) {
      stop(
          Ending.of(
              Cause.FAILED,
              "code of %d bytes: at most %d".formatted(code.length, channel.longestCode())));
    }
    if (!begin()) {
      return ended(new GuestEnd.Stopped());
    }
    accounts.begin();
    channel.load(code);
    answerFirstCalls();
    return ended(channel.serve(api));
  }

  private synchronized boolean begin() {
    if (ending == null) {
      serving = Thread.currentThread();
    }
    return ending == null;
  }

  /**
   * The loader asks to die with this process before it runs the code, and waits for the answer: so
   * that no function waits for the next tick to begin.
   */
  private void answerFirstCalls() {
    try {
      child.awaitOutput(FIRST_CALLS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /** Keeps the first reason. */
  private Ending ended(GuestEnd end) {
    var cut = leave() && end instanceof GuestEnd.Stopped;
    account();
    var how = judged(cut ? lastWord() : end);
    synchronized (this) {
      if (ending == null) {
        ending = how;
      }
      return ending;
    }
  }

  /** Forgets an interruption of ours; tells whether it was the guest's death that it told of. */
  private synchronized boolean leave() {
    serving = null;
    return calledBack && Thread.interrupted() && ending == null;
  }

  /** A dead guest may have said how it ended while a call of its other thread was open. */
  private GuestEnd lastWord() {
    child.process().destroyForcibly();
    accounts.kill();
    return channel.lastWord();
  }

  /** Tells what a guest's end means, from what the kernel says before what the guest does. */
  private Ending judged(GuestEnd end) {
    return switch (end) {
      case GuestEnd.Exited exited -> Ending.exited(exited.code());
      case GuestEnd.Raised raised -> raised(raised);
      case GuestEnd.Broken broken ->
          switch (broken.cause()) {
            case CLOSED, TRUNCATED, NOT_READING -> died();
            default -> Ending.of(Cause.MALFORMED, broken.cause().label());
          };
      case GuestEnd.Stopped _ -> Ending.of(Cause.CLOSED);
      case GuestEnd.HostFailed failed ->
          Ending.of(Cause.CLOSED, "the host failed: " + failed.fault().getClass().getSimpleName());
    };
  }

  private Ending raised(GuestEnd.Raised raised) {
    var metered = METERED.matcher(raised.error());
    if (metered.find()) {
      return Resource.named(metered.group(1))
          .map(limit -> Ending.atLimit(limit, raised.error()))
          .orElseGet(() -> Ending.of(Cause.FAILED, raised.error()));
    }
    if (raised.outOfMemory() || accounts.ranOutOfMemory()) {
      return Ending.atLimit(Resource.MEMORY_BYTES, raised.error());
    }
    if (accounts.deniedForks() > 0 || deniedCalls().keySet().stream().anyMatch(Forks::isOne)) {
      return Ending.atLimit(Resource.PROCESSES, raised.error() + denied());
    }
    if (raised.error().contains("[Errno 24]")) {
      return Ending.atLimit(Resource.OPEN_FILES, raised.error());
    }
    if (raised.error().contains("[Errno 28]")) {
      return Ending.atLimit(Resource.DISK_BYTES, raised.error());
    }
    return Ending.of(Cause.FAILED, raised.error() + denied());
  }

  private Ending died() {
    child.process().destroyForcibly();
    waitForDeath();
    account();
    if (accounts.ranOutOfMemory()) {
      return Ending.atLimit(Resource.MEMORY_BYTES, "the kernel found no more within the limit");
    }
    if (cpuLeft() <= 0) {
      return atCpuLimit();
    }
    return Ending.of(Cause.DIED, "exit %d; %s%s".formatted(exitValue(), words.last(), denied()));
  }

  private void waitForDeath() {
    try {
      child.process().waitFor(ConfinedChild.DEATH);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private int exitValue() {
    return child.process().isAlive() ? -1 : child.process().exitValue();
  }

  /** Names what was denied, for the client. */
  private String denied() {
    var calls = deniedCalls();
    return calls.isEmpty() ? "" : "; denied system calls: " + String.join(", ", calls.keySet());
  }

  private Map<String, Long> deniedCalls() {
    var calls = new LinkedHashMap<String, Long>();
    for (DeniedCall denied : child.calls().denied()) {
      calls.merge(denied.name(), denied.count(), Long::sum);
    }
    return calls;
  }

  @Override
  public long tick() {
    synchronized (this) {
      if (ending != null || closed) {
        return Long.MAX_VALUE;
      }
    }
    if (!child.process().isAlive()) {
      callBack();
    }
    var answered = child.calls().drain();
    words.read();
    account();
    accounts.yieldWhereBusy();
    var left = cpuLeft();
    if (left <= 0) {
      stop(atCpuLimit());
    } else if (accounts.ranOutOfMemory()) {
      stop(Ending.atLimit(Resource.MEMORY_BYTES, "the kernel found no more within the limit"));
    }
    holdTraffic(Resource.BYTES_IN, accounts.bytesIn());
    holdTraffic(Resource.BYTES_OUT, accounts.bytesOut());
    // A guest on every core of the machine could use its rest that much sooner.
    return answered > 0
        ? 0
        : Math.clamp(left / Runtime.getRuntime().availableProcessors(), 1, LOOK_NANOS);
  }

  /** Nobody waits for what a dead guest asked for. */
  private synchronized void callBack() {
    if (serving != null && !calledBack) {
      calledBack = true;
      serving.interrupt();
    }
  }

  private void holdTraffic(Resource limit, long used) {
    if (used > limits.of(limit)) {
      stop(
          Ending.atLimit(
              limit, "%d bytes of %d by its own network".formatted(used, limits.of(limit))));
    }
  }

  private void account() {
    accounts.read(child);
  }

  private long cpuLeft() {
    return limits.duration(Resource.CPU_SECONDS).toNanos() - accounts.cpuNanos();
  }

  private Ending atCpuLimit() {
    return Ending.atLimit(
        Resource.CPU_SECONDS,
        "%d ms of %d"
            .formatted(
                accounts.cpuNanos() / 1_000_000, limits.duration(Resource.CPU_SECONDS).toMillis()));
  }

  @Override
  public synchronized void stop(Ending why) {
    if (ending == null) {
      ending = why;
      callBack();
      child.process().destroyForcibly();
      accounts.kill();
    }
  }

  @Override
  public Usage usage() {
    return Usage.ofGuest(
            accounts.cpuNanos(),
            accounts.memoryPeakBytes(),
            accounts.processesPeak(),
            deniedCalls())
        .metered(0, 0, accounts.bytesIn(), accounts.bytesOut());
  }

  @Override
  public void close() throws IOException {
    stop(Ending.of(Cause.CLOSED));
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    var failures = new Failures();
    failures.run(child::close);
    account();
    for (var belonging : belongings) {
      failures.run(belonging::close);
    }
    failures.throwFirst();
  }
}
