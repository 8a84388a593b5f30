package dev.cloister.core.context;

import dev.cloister.core.SealRefused;
import dev.cloister.core.TimeSource;
import dev.cloister.core.gate.Annex;
import dev.cloister.core.gate.Declaration;
import dev.cloister.core.gate.Egress;
import dev.cloister.core.gate.Exchange;
import dev.cloister.core.gate.Ingress;
import dev.cloister.core.gate.Part;
import dev.cloister.core.gate.RawType;
import dev.cloister.core.gate.ReleasePolicy;
import dev.cloister.core.gate.Store;
import dev.cloister.core.ledger.Counter;
import dev.cloister.core.posture.Guarantee;
import dev.cloister.core.posture.Guarantees;
import dev.cloister.core.posture.Posture.State;
import dev.cloister.core.process.Host;
import dev.cloister.core.process.ProcessSeal;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * Declares a context: everything it will ever be able to do. Nothing is open yet; {@link #seal()}
 * opens it, and after that nothing can be added or changed.
 *
 * <p>A builder; not safe for use by many threads. What is declared twice is opened twice, but two
 * parts may not have one name.
 */
public final class ContextPlan {
  /** One part, with the kind of gate or store it was declared as. */
  record Declared(String kind, Declaration<? extends Part> part) {}

  final String name;
  final List<Declared> parts = new ArrayList<>();
  final List<RawType> types = new ArrayList<>();
  final List<Counter> counters = new ArrayList<>(Arrays.asList(ContextCounter.values()));
  Guarantees guarantees;
  Optional<ReleasePolicy> policy = Optional.empty();
  Optional<ProcessSeal> processSeal = Optional.empty();
  TimeSource time = TimeSource.system();
  Host host = Host.thisOne();
  Duration heartbeat = Duration.ofSeconds(10);
  Duration closeWithin = Duration.ofSeconds(10);
  boolean endsOnLoss;

  private ContextPlan(String name, Guarantees guarantees) {
    if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,63}")) {
      throw new IllegalArgumentException(
          "context name \"" + name + "\": 1 to 64 letters, digits, dots, dashes, underscores");
    }
    this.name = name;
    this.guarantees = guarantees;
  }

  /**
   * Starts a plan.
   *
   * @param name 1 to 64 letters, digits, dots, dashes, underscores; it stands in outputs
   * @param guarantees what the host must give, such as {@link Guarantees#tracer()}
   * @return an empty plan
   */
  public static ContextPlan named(String name, Guarantees guarantees) {
    return new ContextPlan(name, guarantees);
  }

  /**
   * Declares a way in.
   *
   * @param part what the seal opens
   * @return this
   */
  public ContextPlan ingress(Declaration<? extends Ingress> part) {
    return add("ingress", part);
  }

  /**
   * Declares a way out.
   *
   * @param part what the seal opens
   * @return this
   */
  public ContextPlan egress(Declaration<? extends Egress> part) {
    return add("egress", part);
  }

  /**
   * Declares a way to ask and be answered.
   *
   * @param part what the seal opens
   * @return this
   */
  public ContextPlan exchange(Declaration<? extends Exchange> part) {
    return add("exchange", part);
  }

  /**
   * Declares a helper inside the boundary.
   *
   * @param part what the seal opens
   * @return this
   */
  public ContextPlan annex(Declaration<? extends Annex> part) {
    return add("annex", part);
  }

  /**
   * Declares where raw input is kept.
   *
   * @param part what the seal opens
   * @return this
   */
  public ContextPlan store(Declaration<? extends Store> part) {
    return add("store", part);
  }

  private ContextPlan add(String kind, Declaration<? extends Part> part) {
    for (var declared : parts) {
      if (declared.part().name().equals(part.name())) {
        throw new IllegalArgumentException(
            "two parts are named \"" + part.name() + "\": give one of them another name");
      }
    }
    parts.add(new Declared(kind, part));
    return this;
  }

  /**
   * Declares kinds of records that parsers will emit.
   *
   * @param records their types
   * @return this
   */
  public ContextPlan parse(RawType... records) {
    for (var record : records) {
      if (types.stream().anyMatch(type -> type.name().equals(record.name()))) {
        throw new IllegalArgumentException(
            "two kinds of records are named \"" + record.name() + "\": declare each once");
      }
      types.add(record);
    }
    return this;
  }

  /**
   * Declares what may come out; without a policy nothing can.
   *
   * @param release the one policy of this context
   * @return this
   */
  public ContextPlan release(ReleasePolicy release) {
    policy = Optional.of(release);
    return this;
  }

  /**
   * Declares counters beside those of the parts.
   *
   * @param vocabulary all that will be counted
   * @return this
   */
  public ContextPlan count(Collection<? extends Counter> vocabulary) {
    counters.addAll(vocabulary);
    return this;
  }

  /**
   * Requires a guarantee.
   *
   * @param guarantee what must be enforced
   * @return this
   */
  public ContextPlan require(Guarantee guarantee) {
    guarantees = guarantees.require(guarantee);
    return this;
  }

  /**
   * Accepts a weaker state of a guarantee; it stands in the measurement and in every output's
   * header.
   *
   * @param guarantee of what
   * @param state the worst state that is taken
   * @param reason why, for whoever reads an output
   * @return this
   */
  public ContextPlan accept(Guarantee guarantee, State state, String reason) {
    guarantees = guarantees.accept(guarantee, state, reason);
    return this;
  }

  /**
   * Hardens the process at the end of the seal.
   *
   * @param seal how
   * @return this
   */
  public ContextPlan harden(ProcessSeal seal) {
    processSeal = Optional.of(seal);
    return this;
  }

  /**
   * Ends the context when a required guarantee is lost; otherwise that is an event.
   *
   * @return this
   */
  public ContextPlan endWhenAGuaranteeIsLost() {
    endsOnLoss = true;
    return this;
  }

  /**
   * Sets the time from one heartbeat to the next.
   *
   * @param every 10 s unless set; at least 1 ms
   * @return this
   */
  public ContextPlan heartbeat(Duration every) {
    heartbeat = atLeastAMillisecond("heartbeat", every);
    return this;
  }

  /**
   * Sets how long closing waits for users who are still inside.
   *
   * @param deadline 10 s unless set; at least 1 ms
   * @return this
   */
  public ContextPlan closeWithin(Duration deadline) {
    closeWithin = atLeastAMillisecond("closeWithin", deadline);
    return this;
  }

  private static Duration atLeastAMillisecond(String what, Duration duration) {
    if (duration.compareTo(Duration.ofMillis(1)) < 0) {
      throw new IllegalArgumentException(what + " " + duration + ": must be at least 1 ms");
    }
    if (duration.compareTo(Duration.ofNanos(Long.MAX_VALUE)) > 0) {
      throw new IllegalArgumentException(what + " " + duration + ": must be at most 292 years");
    }
    return duration;
  }

  /**
   * Replaces the clocks.
   *
   * @param source the system's unless set
   * @return this
   */
  public ContextPlan time(TimeSource source) {
    time = source;
    return this;
  }

  /**
   * Replaces the machine.
   *
   * @param machine this one unless set
   * @return this
   */
  public ContextPlan host(Host machine) {
    host = machine;
    return this;
  }

  /**
   * Seals the context, in one order: probes every requirement, opens every gate and store, makes
   * the keys, measures all that was declared, hardens the process where that was asked. What fails
   * before the hardening leaves everything as it was.
   *
   * @return a context that the caller closes
   * @throws SealRefused when the host lacks what is required
   * @throws dev.cloister.core.PolicyRejected when the policy does not fit the declared types
   * @throws IOException when a part cannot be opened
   */
  public SealedContext seal() throws IOException {
    return new Sealing(this).seal();
  }
}
