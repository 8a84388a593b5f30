package dev.cloister.core.process;

import dev.cloister.core.internal.os.Hardening;
import dev.cloister.core.internal.os.Landlock;
import dev.cloister.core.internal.os.OperatingSystem;
import dev.cloister.core.posture.Guarantee;
import dev.cloister.core.posture.Posture.Finding;
import dev.cloister.core.posture.Posture.State;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** What a sealed process can no longer do: each forbidden act is tried, and its errno kept. */
final class SealProof {
  /** The guarantees that a seal works on. */
  static final List<Guarantee> GUARANTEES =
      List.of(
          Guarantee.NO_CORE_FILE,
          Guarantee.MEMORY_UNREADABLE,
          Guarantee.NO_PRIVILEGES,
          Guarantee.NO_NEW_PROGRAM,
          Guarantee.NOTHING_LISTENS,
          Guarantee.CALLS_CONFINED,
          Guarantee.NO_ATTACH,
          Guarantee.FILES_CONFINED,
          Guarantee.CONNECTIONS_CONFINED);

  private static final String EPERM = "EPERM";
  private static final String ALLOWED = "allowed";

  /** CLONE_SIGHAND without what it needs: where it is let through, nothing is born either. */
  private static final int CLONE_NOTHING = 0x800;

  private static final int AF_UNIX = 1;
  private static final int AF_INET = 2;
  private static final int AF_INET6 = 10;
  private static final int AF_PACKET = 17;
  private static final int SOCK_RAW = 3;
  private static final int NO_DESCRIPTOR = -1;

  private static final Map<Long, String> FAMILIES =
      Map.of(
          (long) AF_UNIX, "AF_UNIX",
          (long) AF_INET, "AF_INET",
          (long) AF_INET6, "AF_INET6",
          (long) AF_PACKET, "AF_PACKET");

  private final OperatingSystem system;
  private final Hardening hardening;
  private final Optional<CallList> list;
  private final Reach reach;

  SealProof(OperatingSystem system, Hardening hardening, Optional<CallList> list, Reach reach) {
    this.system = system;
    this.hardening = hardening;
    this.list = list;
    this.reach = reach;
  }

  /** A call that is tried, with arguments with which it does nothing even where it is allowed. */
  private record Act(String call, List<Long> arguments) {
    Act(String call, long... arguments) {
      this(call, Arrays.stream(arguments).boxed().toList());
    }
  }

  private static final List<Act> PROGRAMS =
      List.of(
          new Act("execve"), new Act("execveat", NO_DESCRIPTOR), new Act("clone", CLONE_NOTHING));

  private static final List<Act> LISTENING =
      List.of(
          new Act("bind", NO_DESCRIPTOR),
          new Act("listen", NO_DESCRIPTOR),
          new Act("accept4", NO_DESCRIPTOR));

  private static final List<Act> OTHERS =
      List.of(
          new Act("ptrace", NO_DESCRIPTOR),
          new Act("process_vm_readv"),
          new Act("mount"),
          new Act("unshare"),
          new Act("bpf", NO_DESCRIPTOR),
          new Act("io_uring_setup"),
          new Act("socket", AF_PACKET, SOCK_RAW));

  /** Tells whether a seal was put on: the kernel itself refuses no such call with EPERM. */
  boolean isSealed() {
    return hardening.attempt("execve").equals(EPERM) && !system.dumpable();
  }

  List<Finding> findings() {
    try {
      var threads = Threads.now(Path.of("/proc"));
      var listening = tried(LISTENING);
      return List.of(
          core(),
          memory(),
          privileges(threads),
          refused(Guarantee.NO_NEW_PROGRAM, tried(PROGRAMS), State.ENFORCED, ""),
          refused(Guarantee.NOTHING_LISTENS, listening, State.ENFORCED, ""),
          calls(threads),
          attaching(threads, words(listening)),
          files(hardening),
          connections());
    } catch (IOException e) {
      return SealProspect.nothing("this process cannot be observed: " + e);
    }
  }

  private Finding core() {
    return new Finding(
        Guarantee.NO_CORE_FILE,
        system.dumpable() || system.coreLimitBytes() != 0 ? State.ABSENT : State.ENFORCED,
        "getrlimit(RLIMIT_CORE) is " + system.coreLimitBytes());
  }

  private Finding memory() {
    var errno = hardening.attemptToRead(Path.of("/proc/self/mem"));
    return new Finding(
        Guarantee.MEMORY_UNREADABLE,
        errno.equals(ALLOWED) || system.dumpable() ? State.ABSENT : State.ENFORCED,
        "open /proc/self/mem: " + errno);
  }

  private Finding privileges(Threads threads) {
    var root = hardening.attempt("setresuid", 0, 0, 0);
    var without = threads.areNotRoots() && threads.haveNoCapability() && threads.getNoPrivileges();
    return new Finding(
        Guarantee.NO_PRIVILEGES,
        root.equals(EPERM) && without ? State.ENFORCED : State.ABSENT,
        "setresuid 0: %s, open /etc/shadow: %s; %d threads %s"
            .formatted(
                root,
                hardening.attemptToRead(Path.of("/etc/shadow")),
                threads.count(),
                without ? "without a capability, or a way to one" : "with privileges"));
  }

  private Finding calls(Threads threads) {
    var covered = threads.areFiltered();
    var fits = list.map(CallList::fits).orElse(false);
    return refused(
        Guarantee.CALLS_CONFINED,
        tried(OTHERS),
        !covered ? State.ABSENT : fits ? State.ENFORCED : State.WEAKENED,
        "; %s %d threads; %s"
            .formatted(
                covered ? "on all" : "not on all",
                threads.count(),
                list.map(CallList::toString).orElse("no list")));
  }

  /** How far the runtime's own doors are shut. */
  static Finding attaching(Threads threads, String tried) {
    var open = new ArrayList<String>();
    if (threads.catchTheDumpSignal()) {
      open.add("SIGQUIT is caught, at which the runtime prints its threads: -Xrs is missing");
    }
    if (threads.listenForTools()) {
      open.add("a thread listens for tools: -XX:+DisableAttachMechanism is missing");
    }
    if (!LaunchLine.suppressesCrashReports()) {
      open.add(
          "a crash writes registers and a stack to a file: -XX:+SuppressFatalErrorMessage is"
              + " missing");
    }
    return new Finding(
        Guarantee.NO_ATTACH,
        open.isEmpty() ? State.ENFORCED : State.WEAKENED,
        (open.isEmpty()
                ? "no thread listens for tools, SIGQUIT is not caught"
                : String.join("; ", open))
            + "; "
            + tried);
  }

  /** How far opening files is confined; tried, and the same before the seal and after it. */
  static Finding files(Hardening hardening) {
    var landlock = new Landlock(ConfinedLaunch.version(hardening));
    var state =
        landlock.version() == 0
            ? State.ABSENT
            : landlock.coversFiles() ? State.ENFORCED : State.WEAKENED;
    return new Finding(
        Guarantee.FILES_CONFINED,
        state,
        "open /: %s; Landlock %s%s"
            .formatted(
                ConfinedLaunch.rootIsRefused(hardening),
                landlock.version() == 0 ? "is not on this process" : landlock.version(),
                state == State.WEAKENED ? ", " + String.join(", ", landlock.lacks()) : ""));
  }

  private Finding connections() {
    // Of no type: where they are let through, none is made either.
    var undeclared = new ArrayList<Act>();
    if (reach.ports().isEmpty()) {
      undeclared.add(new Act("socket", AF_INET));
      undeclared.add(new Act("socket", AF_INET6));
    }
    if (!reach.unixSockets()) {
      undeclared.add(new Act("socket", AF_UNIX));
    }
    var more = reach.ports().isEmpty() ? "" : "; connect to another port: " + connectElsewhere();
    return refused(
        Guarantee.CONNECTIONS_CONFINED,
        tried(undeclared),
        reach.connections(),
        more + reach.connectionsLeft());
  }

  /** Tries to connect to a port of this host that was not declared. */
  private String connectElsewhere() {
    var port = IntStream.rangeClosed(1, 65535).filter(p -> !reach.ports().contains(p)).findFirst();
    try (var channel = SocketChannel.open(StandardProtocolFamily.INET)) {
      var loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
      channel.connect(new InetSocketAddress(loopback, port.orElse(1)));
      return ALLOWED;
    } catch (IOException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private static Finding refused(
      Guarantee guarantee, Map<String, String> tried, State atBest, String more) {
    var refused = tried.values().stream().allMatch(EPERM::equals);
    return new Finding(guarantee, refused ? atBest : State.ABSENT, words(tried) + more);
  }

  /** Tries each, and returns the name of its errno by its own, in their order. */
  private Map<String, String> tried(List<Act> acts) {
    var tried = new LinkedHashMap<String, String>();
    acts.forEach(act -> tried.put(named(act), errno(act)));
    return tried;
  }

  private static String words(Map<String, String> tried) {
    return tried.entrySet().stream()
        .map(each -> each.getKey() + ": " + each.getValue())
        .collect(Collectors.joining(", "));
  }

  private static String named(Act act) {
    return act.call().equals("socket")
        ? "socket(%s)".formatted(FAMILIES.get(act.arguments().getFirst()))
        : act.call();
  }

  private String errno(Act act) {
    return hardening.attempt(
        act.call(), act.arguments().stream().mapToLong(Long::longValue).toArray());
  }
}
