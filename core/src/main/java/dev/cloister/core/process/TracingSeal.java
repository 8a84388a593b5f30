package dev.cloister.core.process;

import dev.cloister.core.Description;
import dev.cloister.core.NativeCallException;
import dev.cloister.core.internal.os.Hardening;
import dev.cloister.core.internal.os.OperatingSystem;
import dev.cloister.core.internal.os.OperatingSystem.UnsupportedHere;
import dev.cloister.core.posture.Guarantee;
import dev.cloister.core.posture.Posture.Finding;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Seals a process that traces: afterwards no thread of it has a privilege, a debugger, a core file,
 * a listening socket or another program, and every system call fails with EPERM but those of a list
 * for this build of Java. It does not keep out root on this host, who reads the heap, nor stop the
 * process's own user from killing it; memory can be made executable, which the Java compiler needs;
 * and which files are opened is the file modes' matter, and Landlock's. Immutable.
 *
 * <p>As root it gives up uid 0 for {@link #user}. What is opened before stays open; so the class
 * path's jars are opened, and {@link #writing} says where files are made later. Source: prctl(2),
 * setresuid(2), seccomp(2).
 */
public final class TracingSeal implements ProcessSeal {
  /** Who the process becomes unless told: an id beyond those that functions are lent. */
  public static final int DEFAULT_USER = 1_879_113_728;

  private final OperatingSystem system;
  private final int user;
  private final int group;
  private final Reach reach;

  TracingSeal(OperatingSystem system) {
    this(system, DEFAULT_USER, DEFAULT_USER, new Reach(List.of(), List.of(), Set.of(), false));
  }

  private TracingSeal(OperatingSystem system, int user, int group, Reach reach) {
    this.system = system;
    this.user = user;
    this.group = group;
    this.reach = reach;
  }

  /**
   * Names who a process of root's becomes. One that is not root's stays who it is.
   *
   * @param uid of a user that nothing else runs as: it could kill the process; not 0
   * @param gid of its group; not 0
   * @return a seal that differs in this
   */
  public TracingSeal user(int uid, int gid) {
    if (uid < 1 || gid < 1) {
      throw new IllegalArgumentException(
          "user %d, group %d: allowed 1 to %d; a process of root's is not sealed"
              .formatted(uid, gid, Integer.MAX_VALUE));
    }
    return new TracingSeal(system, uid, gid, reach);
  }

  /**
   * Names a file or directory that is read: the input, a policy. Java's own files and the class
   * path are read anyway.
   *
   * @param path there when the process is relaunched
   * @return a seal that differs in this
   */
  public TracingSeal reading(Path path) {
    return reaching(
        new Reach(with(reach.reads(), path), reach.writes(), reach.ports(), reach.unixSockets()));
  }

  /**
   * Names a directory in which files are made. One that is root's is given to {@link #user} at the
   * seal, alone and not what is in it: it must be for this process, and its parents root's.
   *
   * @param directory there when the process is relaunched
   * @return a seal that differs in this
   */
  public TracingSeal writing(Path directory) {
    return reaching(
        new Reach(
            reach.reads(), with(reach.writes(), directory), reach.ports(), reach.unixSockets()));
  }

  /**
   * Lets TCP be connected to a port after the seal, for an egress that is connected anew. To which
   * address, only a firewall can say.
   *
   * @param port from 1 to 65535
   * @return a seal that differs in this
   */
  public TracingSeal connectingTo(int port) {
    if (port < 1 || port > 65535) {
      throw new IllegalArgumentException("port " + port + ": allowed 1-65535");
    }
    return reaching(
        new Reach(reach.reads(), reach.writes(), with(reach.ports(), port), reach.unixSockets()));
  }

  /**
   * Lets Unix sockets be connected after the seal, each that the user may connect to.
   *
   * @return a seal that differs in this
   */
  public TracingSeal connectingToUnixSockets() {
    return reaching(new Reach(reach.reads(), reach.writes(), reach.ports(), true));
  }

  private TracingSeal reaching(Reach other) {
    return new TracingSeal(system, user, group, other);
  }

  private static Set<Integer> with(Set<Integer> some, int more) {
    return Set.copyOf(with((Collection<Integer>) some, (Integer) more));
  }

  private static <T> List<T> with(Collection<T> some, T more) {
    return Stream.concat(some.stream(), Stream.of(more)).distinct().toList();
  }

  /**
   * Starts this process anew, with the same arguments, under a Landlock that lets it open the files
   * named here and what Java itself needs, and connect to the ports; returns in the new process.
   * The first thing of {@code main}: whatever the process did before is lost. Where the kernel has
   * no Landlock it returns at once, and {@link Guarantee#FILES_CONFINED} is absent.
   *
   * @throws IOException when a path that was named does not exist
   * @throws NativeCallException when the kernel refuses; this thread may be confined then, and the
   *     process should end
   */
  public void relaunchConfined() throws IOException {
    try {
      new ConfinedLaunch(system, reach).run();
    } catch (UnsupportedHere _) {
      // The posture says it, with the reason.
    }
  }

  /**
   * Returns the whole rule set: who the process becomes, what it can open and connect to, and every
   * system call with what its arguments must be.
   *
   * @return lines for an auditor, the same for the same settings, machine, and build of Java
   */
  public String rules() {
    var text = new Description();
    text.put("user", user).put("group", group);
    reach.describe(text);
    files().forEach(line -> text.put("file", line));
    var list = list();
    text.put("list", list.map(CallList::version).orElse("none"));
    list.ifPresent(found -> found.rules().lines().forEach(line -> text.put("call", line)));
    text.put("otherwise", "EPERM");
    return text.text();
  }

  private List<String> files() {
    try {
      return reach.files().entrySet().stream()
          .map(rule -> rule.getValue() + " " + rule.getKey().toAbsolutePath())
          .sorted()
          .toList();
    } catch (IOException e) {
      return List.of("unknown: " + e.getMessage());
    }
  }

  private Optional<CallList> list() {
    return CallList.forThisJava(reach.sections());
  }

  @Override
  public void describe(Description into) {
    into.put("seal", "tracing");
    into.put("user", user);
    into.put("rules", Description.sha256Hex(rules().getBytes(StandardCharsets.UTF_8)));
  }

  @Override
  public List<Finding> probe() {
    try {
      var hardening = system.hardening();
      var list = list();
      var proof = new SealProof(system, hardening, list, reach);
      return proof.isSealed()
          ? proof.findings()
          : new SealProspect(hardening, change(), list, reach, Path.of("/proc")).findings();
    } catch (UnsupportedHere e) {
      return SealProspect.nothing(String.valueOf(e.getMessage()));
    }
  }

  private UserChange change() {
    return new UserChange(user, group, reach.writes());
  }

  /**
   * Hardens. What fails leaves the steps before it done.
   *
   * @throws NativeCallException when the kernel refuses a step
   * @throws UncheckedIOException when a jar cannot be opened, or a directory not be given away
   */
  @Override
  public List<Finding> harden() {
    try {
      var hardening = system.hardening();
      var list = list();
      var proof = new SealProof(system, hardening, list, reach);
      if (!proof.isSealed()) {
        harden(hardening, list);
      }
      return proof.findings();
    } catch (UnsupportedHere e) {
      return SealProspect.nothing(String.valueOf(e.getMessage()));
    } catch (IOException e) {
      throw new UncheckedIOException("the process cannot be hardened", e);
    }
  }

  private void harden(Hardening hardening, Optional<CallList> list) throws IOException {
    LateClasses.openEveryJar();
    system.confining().refuseNewPrivileges();
    if (hardening.user() == 0) {
      change().giveDirectories();
      hardening.becomeUser(user, group);
    }
    // After the user: that change sets it anew.
    hardening.refuseDumps();
    if (list.isPresent()) {
      var self = Math.toIntExact(ProcessHandle.current().pid());
      var program = list.get().rules().compile(hardening.calls(), self);
      hardening.filterEveryThread(program.bytes());
    }
  }
}
