package dev.cloister.core.context;

import dev.cloister.core.ContextDestroyed;
import dev.cloister.core.ContextId;
import dev.cloister.core.Denied;
import dev.cloister.core.Description;
import dev.cloister.core.GuaranteeLost;
import dev.cloister.core.Mode;
import dev.cloister.core.TimeSource;
import dev.cloister.core.gate.Egress;
import dev.cloister.core.gate.Part;
import dev.cloister.core.gate.ReleaseEngine;
import dev.cloister.core.gate.Released;
import dev.cloister.core.gate.SealFacts;
import dev.cloister.core.internal.Failures;
import dev.cloister.core.key.KeyRing;
import dev.cloister.core.ledger.Event;
import dev.cloister.core.ledger.Heartbeat.Birth;
import dev.cloister.core.ledger.HeartbeatChain;
import dev.cloister.core.ledger.Ledger;
import dev.cloister.core.posture.Guarantees;
import dev.cloister.core.posture.Posture;
import dev.cloister.core.posture.Posture.Finding;
import dev.cloister.core.posture.Posture.State;
import dev.cloister.core.process.Host;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A context that was sealed: its keys, identity, gates, posture and ledger, until it is closed and
 * all of it is gone. It keeps out other users, accidents, seized disks, backups and core files as
 * far as its {@link #posture()} says; it does not keep out root on the running host, a hypervisor's
 * snapshot, or code of this process that means harm.
 *
 * <p>Safe for use by many threads. Work is done between {@link #enter()} and the end of that {@link
 * Use}, so that closing can wait for it. After {@link #close()} every use throws {@link
 * ContextDestroyed}.
 */
public final class SealedContext implements AutoCloseable {
  private final String name;
  private final ContextId id;
  private final Mode mode;
  private final TimeSource time;
  private final Host host;
  private final Guarantees guarantees;
  private final boolean endsOnLoss;
  private final long heartbeatNanos;
  private final long closeWithinNanos;
  private final List<Part> parts;
  private final List<Finding> lasting;
  private final Ledger ledger;
  private final KeyRing keys;
  private final Identity identity;
  private final Optional<ReleaseEngine> engine;
  private final Measurement measurement;
  private final Instant started;
  private final Users users = new Users();

  private final SignedOutput output;

  private volatile Posture posture;
  private volatile long lastBeatNanos;

  /** A stay inside a context. */
  public final class Use implements AutoCloseable {
    private boolean ended;

    private Use() {}

    /** Leaves; a second call does nothing. Called by the thread that entered. */
    @Override
    public void close() {
      if (!ended) {
        ended = true;
        users.leave();
      }
    }
  }

  SealedContext(
      ContextPlan plan,
      ContextId id,
      List<Part> parts,
      List<Finding> lasting,
      Posture posture,
      Ledger ledger,
      KeyRing keys,
      Identity identity,
      Optional<ReleaseEngine> engine,
      Description measurement) {
    // The plan stays with its author, who may change it for another seal.
    this.name = plan.name;
    this.guarantees = plan.guarantees;
    this.mode = plan.guarantees.mode();
    this.endsOnLoss = plan.endsOnLoss;
    this.heartbeatNanos = plan.heartbeat.toNanos();
    this.closeWithinNanos = plan.closeWithin.toNanos();
    this.time = plan.time;
    this.host = plan.host;
    this.id = id;
    this.parts = List.copyOf(parts);
    this.lasting = List.copyOf(lasting);
    this.posture = posture;
    this.ledger = ledger;
    this.keys = keys;
    this.identity = identity;
    this.engine = engine;
    this.measurement = new Measurement(measurement);
    this.started = time.now();
    this.lastBeatNanos = time.nanoTime();
    var birth =
        new Birth(identity.publicKey(), identity.agreementKey(), measurement.digest(), id.hex());
    this.output =
        new SignedOutput(
            name,
            parts(Egress.class),
            new HeartbeatChain(identity::sign, birth, started),
            ledger,
            time);
  }

  /** Says the first words: the header line, then the heartbeat that binds it. */
  void begin(String policyDigest) throws IOException {
    if (engine.isPresent()) {
      publish(
          engine
              .get()
              .header(
                  new SealFacts(
                      name,
                      id,
                      mode,
                      started,
                      identity.publicKey(),
                      measurement.digest(),
                      policyDigest,
                      guarantees.used(posture))));
    }
    output.beat(Event.SEALED, 0);
  }

  /**
   * Looks at everything that guarantees anything.
   *
   * @param host looked at now
   * @param lasting what was found once and does not change
   * @return both together
   */
  static Posture posture(Host host, List<Finding> lasting) {
    var all = new ArrayList<>(host.probe());
    all.addAll(lasting);
    return Posture.of(all);
  }

  /**
   * Returns the plan's name.
   *
   * @return as it stands in outputs
   */
  public String name() {
    return name;
  }

  /**
   * Returns the name of this life.
   *
   * @return an id that no other context has
   */
  public ContextId id() {
    return id;
  }

  /**
   * Returns how this context runs.
   *
   * @return sealed or lab
   */
  public Mode mode() {
    return mode;
  }

  /**
   * Returns the clocks that everything in this context uses.
   *
   * @return the plan's
   */
  public TimeSource time() {
    return time;
  }

  /**
   * Returns who this context is.
   *
   * @return its identity, unusable after the end
   */
  public Identity identity() {
    return identity;
  }

  /**
   * Returns the context's keys.
   *
   * @return a ring that the context closes
   */
  public KeyRing keys() {
    return keys;
  }

  /**
   * Returns what was declared, word for word, and what was loaded; its digest is the measurement.
   *
   * @return lines for an auditor
   */
  public String measurementText() {
    return measurement.text();
  }

  /**
   * Returns the measurement.
   *
   * @return SHA-256 of {@link #measurementText()}, in hex
   */
  public String measurement() {
    return measurement.digest();
  }

  /**
   * Extends the measurement by what is loaded into a context whose code comes after the seal, and
   * says so in a heartbeat. Once: a context that was loaded takes nothing more.
   *
   * @param loaded facts about it, such as the digest of its code
   * @throws Denied when something was loaded before
   * @throws ContextDestroyed when the context is closing or closed
   * @throws IOException when an egress failed; then the output has ended, and so should the context
   */
  public void load(Description loaded) throws IOException {
    try (var _ = enter()) {
      measurement.extend(loaded);
      output.beat(Event.CODE_LOADED, 0);
    }
  }

  /**
   * Returns what was found of every guarantee, at the seal or at the last heartbeat.
   *
   * @return the latest posture
   */
  public Posture posture() {
    return posture;
  }

  /**
   * Returns the counters and events.
   *
   * @return the one ledger; it can be read after the end
   */
  public Ledger ledger() {
    return ledger;
  }

  /**
   * Returns the one part of a type.
   *
   * @param type what it is
   * @param <T> what it is
   * @return the part
   * @throws IllegalArgumentException when the plan declared none, or several
   */
  public <T extends Part> T part(Class<T> type) {
    var found = parts(type);
    if (found.size() != 1) {
      throw new IllegalArgumentException(
          "context \"%s\" has %d parts of type %s: its plan must declare exactly one"
              .formatted(name, found.size(), type.getSimpleName()));
    }
    return found.getFirst();
  }

  /**
   * Returns every part of a type.
   *
   * @param type what they are
   * @param <T> what they are
   * @return the parts, in the order of declaration
   */
  public <T extends Part> List<T> parts(Class<T> type) {
    return parts.stream().filter(type::isInstance).map(type::cast).toList();
  }

  /**
   * Returns the engine that turns raw records into what may go out.
   *
   * @return the one engine
   * @throws IllegalArgumentException when the plan declared no policy
   */
  public ReleaseEngine releases() {
    return engine.orElseThrow(() ->
        new IllegalArgumentException(
            "context \"" + name + "\" has no release policy: declare one with release(…)"));
  }

  /**
   * Enters, so that closing waits for the end of the use.
   *
   * @return a use that the same thread closes
   * @throws ContextDestroyed when the context is closing or closed
   */
  public Use enter() {
    if (!users.enter()) {
      throw destroyed();
    }
    return new Use();
  }

  /**
   * Tells whether the context can be entered.
   *
   * @return false from the moment that closing begins
   */
  public boolean isOpen() {
    return !users.isClosed();
  }

  private ContextDestroyed destroyed() {
    return new ContextDestroyed("context \"" + name + "\"");
  }

  /**
   * Sends released lines out through every egress, and binds them into the next heartbeat.
   *
   * @param released what this context's engine made; no lines are no output
   * @throws IOException when an egress failed; then the output has ended, and so should the context
   * @throws Denied when another context released it
   */
  public void publish(Released released) throws IOException {
    if (released.lines() == 0) {
      return;
    }
    if (!output.publish(releases(), released)) {
      throw destroyed();
    }
  }

  /**
   * Says in a heartbeat what happened, for whoever watches from outside.
   *
   * @param event what
   * @param number what the event counts, 0 where it counts nothing; it stays in the ledger
   * @throws IOException when an egress failed; then the output has ended, and so should the context
   */
  public void report(Event event, long number) throws IOException {
    output.beat(event, number);
  }

  /**
   * Does what is due: lets the parts do what they must, reads the posture anew, and sends a
   * heartbeat.
   *
   * @return nanoseconds until the next is due; {@link Long#MAX_VALUE} when the context is closing
   * @throws IOException when an egress failed; then the output has ended, and so should the context
   * @throws GuaranteeLost when a required guarantee is lost and the plan ends then; the context is
   *     closed
   */
  public long tick() throws IOException {
    if (!users.enter()) {
      return Long.MAX_VALUE;
    }
    List<String> lacks;
    long partsDue;
    try {
      partsDue = parts.stream().mapToLong(Part::tick).min().orElse(Long.MAX_VALUE);
      var since = time.nanoTime() - lastBeatNanos;
      // A caller's clock that went back is no reason to fall silent until it is there again.
      if (since >= 0 && since < heartbeatNanos) {
        return Math.min(heartbeatNanos - since, partsDue);
      }
      lacks = look();
    } finally {
      users.leave();
    }
    if (!lacks.isEmpty() && endsOnLoss) {
      close();
      throw new GuaranteeLost(String.join("; ", lacks));
    }
    return Math.min(heartbeatNanos, partsDue);
  }

  /** Reads the posture anew, and says so; returns what is missing now. */
  private synchronized List<String> look() throws IOException {
    var before = posture;
    posture = posture(host, lasting);
    var lacks = guarantees.lacks(posture);
    var lost =
        posture.findings().stream()
            .filter(f -> isLoss(before.of(f.guarantee()).state(), f.state()))
            .toList();
    if (lost.isEmpty()) {
      output.beat(Event.ALIVE, 0);
    }
    for (var finding : lost) {
      ledger.tally(ContextCounter.GUARANTEES_LOST).increment();
      output.beat(Event.GUARANTEE_LOST, finding.guarantee().number());
    }
    lastBeatNanos = time.nanoTime();
    return lacks;
  }

  /**
   * Tells whether less holds than before; a fake that turns into a lack was worth more to a lab.
   */
  private static boolean isLoss(State before, State now) {
    return before == State.SIMULATED
        ? now == State.WEAKENED || now == State.ABSENT
        : now.compareTo(before) > 0;
  }

  /**
   * Ends the context: stops the gates, waits for users up to the plan's deadline, sends the last
   * heartbeat, closes every part in reverse order, and destroys the keys; all of it, even if
   * something fails. From any thread that is not inside a {@link Use}, which would wait for itself;
   * a second call returns at once.
   *
   * @throws IOException the first failure, with the others suppressed
   */
  @Override
  public void close() throws IOException {
    if (!users.close()) {
      return;
    }
    var failures = new Failures();
    for (var part : parts.reversed()) {
      failures.run(part::stop);
    }
    var overdue = users.awaitEmpty(closeWithinNanos);
    if (overdue > 0) {
      ledger.event(Event.USERS_OVERDUE, overdue);
    }
    failures.run(output::end);
    for (var part : parts.reversed()) {
      failures.run(part::close);
    }
    failures.run(keys::close);
    failures.throwFirst();
  }

  /**
   * Names the context, and nothing that it holds.
   *
   * @return for people
   */
  @Override
  public String toString() {
    return "SealedContext[" + name + ", " + mode.label() + ", " + id.hex() + "]";
  }
}
