package dev.cloister.sandbox.host;

import dev.cloister.core.TimeSource;
import dev.cloister.core.gate.Declaration;
import dev.cloister.core.gate.Exchange;
import dev.cloister.core.policy.NodePolicy;
import dev.cloister.core.posture.Guarantees;
import dev.cloister.core.process.Host;
import dev.cloister.core.token.TokenLimits;
import dev.cloister.sandbox.image.ImageCatalog;
import dev.cloister.sandbox.runtime.FunctionRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;

/**
 * Declares a host of cells. A builder; not safe for use by many threads.
 *
 * <p>Needed are a policy, images, at least one runtime, a directory and an executor.
 */
public final class CellHostPlan {
  /** How many bytes of messages wait for a function, unless set: 1 MiB. */
  public static final long INBOX_BYTES_DEFAULT = 1 << 20;

  /** How many bytes of a function's messages wait for its client, unless set: 4 MiB. */
  public static final long OUTBOX_BYTES_DEFAULT = 4 << 20;

  /** How long a function that calls another waits for its answer, unless set: 30 seconds. */
  public static final Duration CALL_DEADLINE_DEFAULT = Duration.ofSeconds(30);

  final NodePolicy policy;
  ImageCatalog images = ImageCatalog.of();
  List<FunctionRuntime> runtimes = List.of();
  Optional<Path> directory = Optional.empty();
  Optional<Executor> executor = Optional.empty();
  Guarantees guarantees = Guarantees.cell();
  TokenLimits tokens = TokenLimits.defaults();
  TimeSource time = TimeSource.system();
  Host machine = Host.thisOne();
  Optional<Mounts> mounts = Optional.empty();
  Callees callees = _ -> Optional.empty();
  Optional<Declaration<? extends Exchange>> tor = Optional.empty();
  Duration callDeadline = CALL_DEADLINE_DEFAULT;
  long inboxBytes = INBOX_BYTES_DEFAULT;
  long outboxBytes = OUTBOX_BYTES_DEFAULT;

  CellHostPlan(NodePolicy policy) {
    this.policy = policy;
  }

  /**
   * Sets what functions can be run in.
   *
   * @param catalog images, which the caller closes after the host
   * @return this
   */
  public CellHostPlan images(ImageCatalog catalog) {
    images = catalog;
    return this;
  }

  /**
   * Sets what runs functions.
   *
   * @param inOrder the first that runs an image's kind is taken
   * @return this
   */
  public CellHostPlan runtimes(FunctionRuntime... inOrder) {
    runtimes = List.of(inOrder);
    return this;
  }

  /**
   * Sets where cells keep what they store.
   *
   * @param own a directory of this host alone; what a killed host left there is removed
   * @return this
   */
  public CellHostPlan directory(Path own) {
    directory = Optional.of(own);
    return this;
  }

  /**
   * Sets what functions are run by: one task for each that lives. Its thread is the stranger's: a
   * function that computes, or waits for nothing of ours, keeps it. So only platform threads are
   * taken, which the kernel shares out; on virtual ones a few functions would keep every carrier of
   * this process.
   *
   * @param tasks such as one with a platform thread a task
   * @return this
   */
  public CellHostPlan executor(Executor tasks) {
    executor = Optional.of(tasks);
    return this;
  }

  /**
   * Sets what the host must guarantee to each cell.
   *
   * @param required {@link Guarantees#cell()} unless set
   * @return this
   */
  public CellHostPlan guarantees(Guarantees required) {
    guarantees = required;
    return this;
  }

  /**
   * Sets the bounds of tokens.
   *
   * @param limits {@link TokenLimits#defaults()} unless set
   * @return this
   */
  public CellHostPlan tokens(TokenLimits limits) {
    tokens = limits;
    return this;
  }

  /**
   * Sets how many bytes of messages wait for a function; one message waits whatever its length.
   *
   * @param most {@value #INBOX_BYTES_DEFAULT} unless set
   * @return this
   */
  public CellHostPlan inboxBytes(long most) {
    inboxBytes = most;
    return this;
  }

  /**
   * Sets how many bytes of a function's messages wait for its client; a function that sends more
   * waits, and one message waits whatever its length.
   *
   * @param most {@value #OUTBOX_BYTES_DEFAULT} unless set
   * @return this
   */
  public CellHostPlan outboxBytes(long most) {
    outboxBytes = most;
    return this;
  }

  /** Where functions' files are mounted, and who serves them. */
  record Mounts(Path directory, ThreadFactory threads) {}

  /**
   * Lets functions that are programs write files: each that may store starts in a directory of its
   * vault, mounted by FUSE. Only root can mount. Without this they have the cell's API alone;
   * functions that run within this process have files all the same.
   *
   * @param directory of this host alone, where everybody may pass; what a killed host left mounted
   *     there is taken away
   * @param threads makes a platform thread for each such cell, which ends with it
   * @return this
   */
  public CellHostPlan mounts(Path directory, ThreadFactory threads) {
    mounts = Optional.of(new Mounts(directory, threads));
    return this;
  }

  /**
   * Sets where functions of other hosts are found; those of this one need nothing.
   *
   * @param elsewhere nowhere unless set
   * @return this
   */
  public CellHostPlan callees(Callees elsewhere) {
    callees = elsewhere;
    return this;
  }

  /**
   * Lets functions speak to Tor, whose manifest asks for it and whom the policy lets.
   *
   * @param relay a gate that is opened in each such cell, and judges each line; nobody speaks to
   *     Tor unless set
   * @return this
   */
  public CellHostPlan tor(Declaration<? extends Exchange> relay) {
    tor = Optional.of(relay);
    return this;
  }

  /**
   * Sets how long a function that calls another, or Tor, waits for its answer.
   *
   * @param atMost {@link #CALL_DEADLINE_DEFAULT} unless set
   * @return this
   */
  public CellHostPlan callDeadline(Duration atMost) {
    callDeadline = atMost;
    return this;
  }

  /**
   * Replaces the clocks.
   *
   * @param source the system's unless set
   * @return this
   */
  public CellHostPlan time(TimeSource source) {
    time = source;
    return this;
  }

  /**
   * Replaces the machine that guarantees are probed on.
   *
   * @param host this one unless set
   * @return this
   */
  public CellHostPlan machine(Host host) {
    machine = host;
    return this;
  }

  /**
   * Opens the host, and removes what a killed one left in its directory.
   *
   * @return the host, which the caller closes
   * @throws IOException when the directory cannot be used, or nothing can be mounted
   */
  public CellHost open() throws IOException {
    if (runtimes.isEmpty()) {
      throw new IllegalArgumentException("no runtime is declared: add one with runtimes(…)");
    }
    var own =
        directory.orElseThrow(() ->
            new IllegalArgumentException("no directory is declared: add one with directory(…)"));
    var tasks =
        executor.orElseThrow(() ->
            new IllegalArgumentException("no executor is declared: add one with executor(…)"));
    Files.createDirectories(own);
    return new CellHost(this, own, tasks);
  }
}
