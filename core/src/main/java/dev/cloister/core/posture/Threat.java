package dev.cloister.core.posture;

import dev.cloister.core.posture.Posture.State;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A way to raw input or to what becomes of it, and who closes it: this library, how the host is set
 * up, its hardware, or nobody. It promises nothing; what holds on a host its {@link Posture} says.
 */
public enum Threat {
  /** Another user's process reads memory, environment or descriptors, or debugs. */
  OTHER_USER(Closer.CLOISTER, "the process is not dumpable", Guarantee.MEMORY_UNREADABLE),

  /** A process of the same user does. */
  SAME_USER(Closer.CLOISTER, "the process is not dumpable", Guarantee.MEMORY_UNREADABLE),

  /** A process of the same user stops or kills this one. */
  SAME_USER_KILL(
      Closer.HOST, "a user of its own; killed, it leaves nothing that can be read, and a gap"),

  /** Somebody connects to the process. */
  CONNECTION(Closer.CLOISTER, "nothing listens, and nothing can", Guarantee.NOTHING_LISTENS),

  /** A crafted packet takes a parser over. */
  CRAFTED_PACKET(
      Closer.CLOISTER,
      "what took over starts no program, opens no other file, connects nowhere else; it has what"
          + " this process has",
      Guarantee.NO_NEW_PROGRAM,
      Guarantee.NO_PRIVILEGES,
      Guarantee.CALLS_CONFINED,
      Guarantee.FILES_CONFINED,
      Guarantee.CONNECTIONS_CONFINED),

  /** A flood over the traced link. */
  FLOOD(Closer.CLOISTER, "every bound is kept and what it cost is counted; packets are lost"),

  /** Packets are injected, to be found again in the anonymized output. */
  INJECTED_PACKETS(
      Closer.NOBODY, "the policy's linter says what a policy is open to; publish less"),

  /** A tool attaches to the Java runtime, or makes it print a dump. */
  RUNTIME_TOOLS(Closer.HOST, "the options that Java is started with", Guarantee.NO_ATTACH),

  /** Memory gets into a core file. */
  CORE_FILE(Closer.CLOISTER, "not dumpable, and a limit of 0", Guarantee.NO_CORE_FILE),

  /** Memory gets into swap. */
  SWAP(Closer.HOST, "swap is off", Guarantee.HEAP_IN_RAM),

  /** A disk is seized, stolen or backed up, then or later. */
  SEIZED_DISK(
      Closer.CLOISTER,
      "what is raw on it is encrypted under keys that die with the process",
      Guarantee.NOTHING_RAW_ON_DISK),

  /** Somebody is made to hand out what was traced. */
  SUBPOENA(
      Closer.CLOISTER,
      "keys are in no file and die; what the policy released is there to be handed out",
      Guarantee.NOTHING_RAW_ON_DISK),

  /** Another policy, parser or gate is slipped in. */
  CHANGED_SETTING(
      Closer.CLOISTER, "nothing changes after the seal; the measurement is in the output"),

  /** The whole process is replaced by a fake one. */
  REPLACEMENT(
      Closer.CLOISTER,
      "its heartbeats do not verify under a key and a head that were kept elsewhere"),

  /** Root reads the root secret from outside. */
  ROOT_READS_SECRET(
      Closer.CLOISTER, "the kernel cannot read its pages", Guarantee.ROOT_SECRET_PROTECTED),

  /** Root reads the heap, or puts code into the process. */
  ROOT(Closer.HOST, "nobody is root there: a machine that only traces, without a login"),

  /** The hypervisor copies the machine's memory. */
  SNAPSHOT(Closer.HARDWARE, "encrypted memory: a confidential virtual machine, and its evidence"),

  /** A device copies memory past the processor. */
  DMA(Closer.HOST, "an IOMMU that is on, and no port that is not needed"),

  /** Memory is read after a cold restart. */
  COLD_BOOT(Closer.HARDWARE, "encrypted memory, or memory with ECC that is zeroed at the start"),

  /** The memory's bus is listened to. */
  BUS(Closer.HARDWARE, "encrypted memory"),

  /** A processor beside the processor reads memory: a management engine or controller. */
  MANAGEMENT_PROCESSOR(Closer.NOBODY, "a machine without one, or one that is trusted");

  /** Who closes a threat, or would have to. */
  public enum Closer {
    /** This library, as far as the posture says. */
    CLOISTER,
    /** Whoever sets up the host. */
    HOST,
    /** The machine. */
    HARDWARE,
    /** Nothing that is known here. */
    NOBODY
  }

  private final Closer closer;
  private final String how;

  @SuppressWarnings("ImmutableEnumChecker") // A list of List.of does not change.
  private final List<Guarantee> guarantees;

  Threat(Closer closer, String how, Guarantee... guarantees) {
    this.closer = closer;
    this.how = how;
    this.guarantees = List.of(guarantees);
  }

  /**
   * Returns who closes it.
   *
   * @return one of four
   */
  public Closer closer() {
    return closer;
  }

  /**
   * Returns by what it is closed, or what is left of it.
   *
   * @return a few words
   */
  public String how() {
    return how;
  }

  /**
   * Returns what must hold so that it is closed.
   *
   * @return empty where a posture has nothing to say of it
   */
  public List<Guarantee> guarantees() {
    return guarantees;
  }

  /**
   * Returns the name that stands in outputs.
   *
   * @return lower case, with dashes
   */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * Returns how far it is closed on a host.
   *
   * @param posture of that host
   * @return the worst state of its guarantees; empty where there is none
   */
  public Optional<State> state(Posture posture) {
    return guarantees.stream()
        .map(guarantee -> posture.of(guarantee).state())
        .max(Comparator.naturalOrder());
  }

  /**
   * Says of every threat who closes it and how far it is closed on a host, for people.
   *
   * @param posture of that host
   * @return a line a threat
   */
  public static String table(Posture posture) {
    var text = new StringBuilder();
    for (var threat : values()) {
      text.append(
          "%-24s %-9s %-9s %s%n"
              .formatted(
                  threat.label(),
                  threat.closer.name().toLowerCase(Locale.ROOT),
                  threat.state(posture).map(State::name).orElse("-"),
                  threat.how));
    }
    return text.toString();
  }
}
