package dev.cloister.sandbox.host;

import dev.cloister.core.ContextDestroyed;
import dev.cloister.core.ContextId;
import dev.cloister.core.Denied;
import dev.cloister.core.internal.Failures;
import dev.cloister.core.ledger.Counter;
import dev.cloister.core.ledger.Ledger;
import dev.cloister.core.policy.Manifest;
import dev.cloister.core.policy.NodePolicy;
import dev.cloister.core.policy.ResourceLimits;
import dev.cloister.core.token.InvocationToken;
import dev.cloister.core.token.Presented;
import dev.cloister.core.token.Right;
import dev.cloister.core.token.Terms;
import dev.cloister.core.token.TokenCounter;
import dev.cloister.core.token.TokenRegistry;
import dev.cloister.sandbox.runtime.Ending;
import dev.cloister.sandbox.runtime.Ending.Cause;
import dev.cloister.sandbox.runtime.RuntimeLabel;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;

/**
 * Runs strangers' functions, each in a cell of its own: admits them by the operator's policy,
 * starts them in sealed contexts, routes messages by token, holds them to their limits, and leaves
 * nothing of them behind. What keeps a function in is its runtime; {@link #labels()} says what each
 * withstands.
 *
 * <p>Safe for use by many threads. No thread is the host's own: functions run on the caller's
 * executor, and the caller calls {@link #tick()}. Whatever is wrong with a token, the answer is one
 * and the same {@link Denied}.
 */
public final class CellHost implements AutoCloseable {
  private final NodePolicy policy;
  private final Executor executor;
  private final Ledger ledger;
  private final TokenRegistry tokens;
  private final CellStarter starter;
  private final Map<ContextId, Cell> cells = new ConcurrentHashMap<>();
  private volatile boolean closed;

  CellHost(CellHostPlan plan, Path directory, Executor executor) throws IOException {
    this.policy = plan.policy;
    this.executor = executor;
    var vocabulary = new ArrayList<Counter>(List.of(HostCounter.values()));
    vocabulary.addAll(List.of(TokenCounter.values()));
    this.ledger = Ledger.of(vocabulary);
    this.tokens = TokenRegistry.open(plan.time, ledger, plan.tokens);
    var calls =
        new FunctionCalls(
            shown -> cell(shown, Right.INVOKE), plan.callees, plan.callDeadline, this::count);
    this.starter = new CellStarter(plan, directory, calls, this::count);
  }

  /**
   * Declares a host.
   *
   * @param policy what its operator lends
   * @return a plan
   */
  public static CellHostPlan under(NodePolicy policy) {
    return new CellHostPlan(policy);
  }

  /**
   * Returns what the operator lends; clients read it first.
   *
   * @return the policy
   */
  public NodePolicy policy() {
    return policy;
  }

  /**
   * Returns what each runtime is on this host, with the limits that the host itself enforces.
   *
   * @return in the order in which they are tried
   */
  public List<RuntimeLabel> labels() {
    return starter.labels();
  }

  /**
   * Returns the host's counters.
   *
   * @return numbers only
   */
  public Ledger ledger() {
    return ledger;
  }

  /**
   * Returns what is promised to the cells that live now.
   *
   * @return the sum of their limits
   */
  public ResourceLimits promised() {
    return starter.promised();
  }

  private void count(HostCounter counter) {
    synchronized (ledger) {
      ledger.tally(counter).increment();
    }
  }

  private void countLiving() {
    synchronized (ledger) {
      ledger.tally(HostCounter.LIVING).set(cells.size());
    }
  }

  /**
   * Starts a cell for a function, up to the point where it waits for the function's code.
   *
   * @param manifest what the function needs
   * @return the cell, with the only copy of its grant
   * @throws Denied when the policy, what is left of its total, or the catalog refuses; it names
   *     every need that is not met
   * @throws dev.cloister.core.SealRefused when the machine lacks what each cell is guaranteed
   * @throws IOException when the cell could not be started; then nothing is left of it
   */
  public StartedCell start(Manifest manifest) throws IOException {
    if (closed) {
      throw new ContextDestroyed("this host");
    }
    var terms = terms();
    var cell = starter.start(manifest);
    try {
      cells.put(cell.id(), cell);
      var grant = tokens.issue(cell.id(), terms);
      countLiving();
      if (closed) {
        throw new ContextDestroyed("this host");
      }
      var identity = cell.context().identity();
      return new StartedCell(
          cell.id(),
          grant,
          identity.publicKey(),
          identity.agreementKey(),
          cell.context().measurement());
    } catch (RuntimeException e) {
      remove(cell, Ending.of(Cause.CLOSED));
      throw e;
    }
  }

  /** A token lives as long as its cell, or else as long as a token can. */
  private Terms terms() {
    var lifetime = policy.lifetime();
    if (lifetime.isZero()) {
      throw new Denied(
          "policy.lifetime", "0 seconds: the policy gives no cell any time; name a lifetime there");
    }
    return Terms.lasting(lifetime.compareTo(Terms.LONGEST) < 0 ? lifetime : Terms.LONGEST);
  }

  /**
   * Loads a cell's function, once, and runs it.
   *
   * @param by an invocation token
   * @param code its digest is the manifest's
   * @param data what the function finds in its store as {@code data}
   * @throws Denied when the token, the digest or a limit refuses, or the cell was loaded before
   * @throws IOException when the cell's store failed
   */
  public void load(Shown by, byte[] code, byte[] data) throws IOException {
    cell(by, Right.INVOKE).load(code, data, executor);
    count(HostCounter.LOADED);
  }

  /**
   * Sends a function a message.
   *
   * @param by an invocation token
   * @param message its bytes
   * @throws Denied when the token or a limit refuses
   * @throws IOException when the function has ended, or is behind with reading
   */
  public void send(Shown by, byte[] message) throws IOException {
    var cell = cell(by, Right.INVOKE);
    cell.meter().in(message.length);
    if (cell.gate().inbox().offer(message.clone()).isEmpty()) {
      throw new IOException("the function takes no message now: it has ended, or is behind");
    }
  }

  /**
   * Tells a function that no further message will come; those that wait are still received.
   *
   * @param by an invocation token
   * @throws Denied when the token refuses
   */
  public void endInput(Shown by) {
    cell(by, Right.INVOKE).gate().inbox().end();
  }

  /**
   * Sends a function a message, and waits for the next that it sends.
   *
   * @param by an invocation token
   * @param message its bytes
   * @param deadline how long to wait
   * @return what it answered
   * @throws Denied when the token or a limit refuses
   * @throws IOException when the function has ended, is behind, or was late
   */
  public byte[] call(Shown by, byte[] message, Duration deadline) throws IOException {
    return cell(by, Right.INVOKE).exchange(message, deadline);
  }

  /**
   * Attaches to what a function sends.
   *
   * @param by an invocation token, be it read-only
   * @param last the number of the last message that the client has, -1 for none
   * @return a way to read what comes after
   * @throws Denied when the token refuses
   */
  public Attachment attach(Shown by, long last) {
    var shown = shown(by, Right.READ);
    var attachment = new Attachment(find(shown), shown.isReadOnly(), last);
    attachment.acknowledge(last);
    return attachment;
  }

  /**
   * Ends a cell, with all that it holds: output that nobody read is gone too.
   *
   * @param by a shutdown token
   * @throws Denied when the token refuses
   * @throws IOException when something of the cell could not be removed; the rest was
   */
  public void shutdown(Shown by) throws IOException {
    remove(cell(by, Right.SHUTDOWN), Ending.of(Cause.SHUT_DOWN));
  }

  /**
   * Has a narrower token made.
   *
   * @param by an invocation token that may delegate
   * @param terms what the new one is good for, at most
   * @return the new token
   * @throws Denied when the token refuses
   */
  public InvocationToken delegate(Shown by, Terms terms) {
    return tokens.delegate(by.token(), by.nonce(), terms).orElseThrow(CellHost::refused);
  }

  private Cell cell(Shown by, Right right) {
    return find(shown(by, right));
  }

  private Presented shown(Shown by, Right right) {
    return tokens.present(by.token(), by.nonce(), right).orElseThrow(CellHost::refused);
  }

  private Cell find(Presented presented) {
    var cell = cells.get(presented.context());
    if (cell == null) {
      throw refused();
    }
    return cell;
  }

  static Denied refused() {
    return new Denied("token", "this token is not good for that");
  }

  /**
   * Does what is due: ends functions at their limits and cells at their lifetime, and forgets what
   * is over. The caller calls it again after the time it returns, or earlier; a function may use
   * that much more than its limit.
   *
   * @return nanoseconds until the next is due
   * @throws IOException the first failure to remove something, with the others suppressed; all the
   *     rest was done
   */
  public long tick() throws IOException {
    var failures = new Failures();
    var next = tokens.tick();
    for (var cell : cells.values()) {
      next = Math.min(next, ticked(cell, failures));
      if (cell.isOver()) {
        failures.run(() -> remove(cell, Ending.of(Cause.EXPIRED)));
      }
    }
    failures.throwFirst();
    return next;
  }

  private static long ticked(Cell cell, Failures failures) {
    var next = new long[1];
    failures.run(() -> next[0] = cell.tick());
    return next[0];
  }

  private void remove(Cell cell, Ending why) throws IOException {
    if (cells.remove(cell.id(), cell)) {
      tokens.revoke(cell.id());
      countLiving();
      try {
        cell.close(why);
      } catch (IOException e) {
        count(HostCounter.LEFT_BEHIND);
        throw e;
      }
    }
  }

  /**
   * Ends every cell and gives back everything; all of it, even if a part fails. A second call does
   * nothing.
   *
   * @throws IOException the first failure, with the others suppressed
   */
  @Override
  public void close() throws IOException {
    closed = true;
    var failures = new Failures();
    for (var cell : cells.values()) {
      failures.run(() -> remove(cell, Ending.of(Cause.CLOSED)));
    }
    failures.run(starter::close);
    failures.throwFirst();
  }
}
