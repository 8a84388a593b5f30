package dev.cloister.core.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cloister.core.Description;
import dev.cloister.core.gate.Declaration;
import dev.cloister.core.gate.Egress;
import dev.cloister.core.gate.EgressPass;
import dev.cloister.core.gate.Opening;
import dev.cloister.core.gate.Released;
import dev.cloister.core.ledger.SignedHeartbeat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A way out that ends in memory, where the test reads it, also after the context has closed. Strict
 * as a real one: it opens only what its own context released, and takes nothing once it is closed.
 * What it was told to fail at, it takes nothing of. Safe for use by many threads; unbounded.
 */
public final class MemoryEgress implements Egress {
  private final Declared declared;
  private final EgressPass pass;

  /** This and all below are guarded by this. */
  private final ByteArrayOutputStream lines = new ByteArrayOutputStream();

  private final List<SignedHeartbeat> heartbeats = new ArrayList<>();
  private int pushes;
  private int beats;
  private boolean closed;

  /** A way out that is not open yet. Immutable. */
  public static final class Declared implements Declaration<MemoryEgress> {
    private final String name;
    private final int failingPush;
    private final int failingBeat;

    private Declared(String name, int failingPush, int failingBeat) {
      this.name = name;
      this.failingPush = failingPush;
      this.failingBeat = failingBeat;
    }

    /**
     * Makes one push fail, as a full disk would.
     *
     * @param number which, from 1; a context with a policy pushes its header first
     * @return one that otherwise is as this
     */
    public Declared failingAtPush(int number) {
      return new Declared(name, Answers.fromOne(number), failingBeat);
    }

    /**
     * Makes one heartbeat fail, as a full disk would.
     *
     * @param number which, from 1; the first is sent by the seal
     * @return one that otherwise is as this
     */
    public Declared failingAtBeat(int number) {
      return new Declared(name, failingPush, Answers.fromOne(number));
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public void describe(Description into) {
      into.put("to", "memory");
    }

    @Override
    public MemoryEgress open(Opening opening) {
      return new MemoryEgress(this, opening.pass());
    }
  }

  private MemoryEgress(Declared declared, EgressPass pass) {
    this.declared = declared;
    this.pass = pass;
  }

  /**
   * Declares one; the test finds it, open, with {@code context.part(MemoryEgress.class)}.
   *
   * @param name letters, digits and dashes
   * @return one that never fails
   */
  public static Declared named(String name) {
    return new Declared(name, 0, 0);
  }

  @Override
  public synchronized void push(Released released) throws IOException {
    pushes++;
    refuse("push", pushes, declared.failingPush);
    released.writeTo(pass, lines);
  }

  @Override
  public synchronized void beat(SignedHeartbeat heartbeat) throws IOException {
    beats++;
    refuse("heartbeat", beats, declared.failingBeat);
    heartbeats.add(heartbeat);
  }

  private void refuse(String what, int number, int failing) throws IOException {
    if (closed) {
      throw new IOException("egress \"" + declared.name + "\" is closed");
    }
    if (number == failing) {
      throw new IOException(
          "egress \"%s\" fails at %s %d, as the test asked".formatted(declared.name, what, number));
    }
  }

  /**
   * Returns all that came out.
   *
   * @return lines, each with its line feed; a file of this text is what a verifier reads
   */
  public synchronized String linesText() {
    return lines.toString(UTF_8);
  }

  /**
   * Returns all that came out, line by line.
   *
   * @return lines without their line feeds
   */
  public List<String> lines() {
    return linesText().lines().toList();
  }

  /**
   * Returns the heartbeats that came out.
   *
   * @return oldest first
   */
  public synchronized List<SignedHeartbeat> heartbeats() {
    return List.copyOf(heartbeats);
  }

  /**
   * Returns the heartbeats that came out, as text.
   *
   * @return lines, each with its line feed; a file of this text is what a verifier reads
   */
  public String heartbeatsText() {
    var text = new StringBuilder();
    heartbeats().forEach(heartbeat -> text.append(heartbeat.line()).append('\n'));
    return text.toString();
  }

  /**
   * Tells whether its context closed it.
   *
   * @return whether everything pushed from now on fails
   */
  public synchronized boolean isClosed() {
    return closed;
  }

  /** Takes nothing more; what came out can still be read. A second call does nothing. */
  @Override
  public synchronized void close() {
    closed = true;
  }
}
