package dev.cloister.sandbox.confine;

import dev.cloister.core.NativeCallException;
import dev.cloister.core.internal.os.Architecture;
import dev.cloister.core.internal.os.Confining;
import dev.cloister.core.internal.os.Landlock;
import dev.cloister.core.internal.os.OperatingSystem;
import dev.cloister.core.internal.os.SystemCalls;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ThreadFactory;

/**
 * Starts a program that is confined before its first instruction, while this process stays as it
 * was. What each layer withstands, this package's description says. The program gets the named
 * environment, three pipes and nothing else: no other descriptor, no terminal, a session of its
 * own.
 *
 * <p>One platform thread of the caller's factory takes every restriction on, starts the program and
 * ends; it is gone when {@link #start} returns. Either the program runs with all that was asked
 * for, or nothing runs and nothing is left. Not safe for use by many threads; what it starts is.
 * Sources: seccomp(2), landlock(7), posix_spawn(3), credentials(7).
 */
public final class ConfinedSpawn {
  private final List<String> command;
  private final SystemCallFilter filter;
  private Map<String, String> environment = Map.of();
  private Path directory = Path.of("/");
  private Launch launch = Launch.DIRECT;
  private Optional<FileRules> files = Optional.empty();
  private boolean connecting;
  private Optional<FunctionIdentity> identity = Optional.empty();
  private ChildLimits limits = ChildLimits.none();
  private BeforeSpawn before = _ -> {};
  private boolean naming = true;

  private ConfinedSpawn(List<String> command, SystemCallFilter filter) {
    this.command = List.copyOf(command);
    this.filter = filter;
    if (command.isEmpty() || !command.getFirst().startsWith("/")) {
      throw new IllegalArgumentException(
          "command " + command + " must begin with the absolute path of a program");
    }
    command.forEach(ConfinedSpawn::refuseNul);
  }

  /** What the spawning thread does while it is still free, such as joining a cgroup. */
  @FunctionalInterface
  public interface BeforeSpawn {

    /**
     * Runs on the thread whose child the program will be.
     *
     * @param kernelThreadId its tid
     * @throws IOException to start nothing
     */
    void run(int kernelThreadId) throws IOException;
  }

  /**
   * Describes a spawn.
   *
   * @param command the program's absolute path and its arguments
   * @param filter the system calls it may make
   * @return a spawn in the root directory, with no environment, no rules for files and this user
   */
  public static ConfinedSpawn of(List<String> command, SystemCallFilter filter) {
    return new ConfinedSpawn(command, filter);
  }

  /**
   * Sets the whole environment; nothing of this process's is passed on.
   *
   * @param variables by name
   * @return this
   */
  public ConfinedSpawn environment(Map<String, String> variables) {
    variables.forEach((name, value) -> {
      refuseNul(name);
      refuseNul(value);
      if (name.isEmpty() || name.contains("=")) {
        throw new IllegalArgumentException(
            "environment variable \"" + name + "\": a name is not empty and has no =");
      }
    });
    environment = new LinkedHashMap<>(variables);
    return this;
  }

  /**
   * Sets where it starts.
   *
   * @param path a directory that its user may enter
   * @return this
   */
  public ConfinedSpawn directory(Path path) {
    directory = path.toAbsolutePath();
    return this;
  }

  /**
   * Says what kind of program starts the guest.
   *
   * @param kind {@link Launch#DIRECT} unless said
   * @return this
   */
  public ConfinedSpawn launch(Launch kind) {
    launch = kind;
    return this;
  }

  /**
   * Puts it behind Landlock: no file but by these rules, no TCP, no signal to the outside.
   *
   * @param rules what it may open
   * @return this
   */
  public ConfinedSpawn files(FileRules rules) {
    files = Optional.of(rules);
    return this;
  }

  /**
   * Lets it connect by TCP though it is behind Landlock, where its filter has sockets for that;
   * listening there stays refused.
   *
   * @return this
   */
  public ConfinedSpawn connecting() {
    connecting = true;
    return this;
  }

  /**
   * Gives it a user of its own and no capability. Only root can.
   *
   * @param own lent for the life of the guest, and given back by the caller after it
   * @return this
   */
  public ConfinedSpawn identity(FunctionIdentity own) {
    identity = Optional.of(own);
    return this;
  }

  /**
   * Limits it, from just after its start.
   *
   * @param most what it may take
   * @return this
   */
  public ConfinedSpawn limits(ChildLimits most) {
    limits = most;
    return this;
  }

  /**
   * Runs something on the spawning thread, before it is restricted.
   *
   * @param hook what
   * @return this
   */
  public ConfinedSpawn before(BeforeSpawn hook) {
    before = hook;
    return this;
  }

  /**
   * Lets the kernel refuse calls by itself, as on one without listeners: refused calls are not
   * named, and those that the start needs stay allowed.
   *
   * @return this
   */
  ConfinedSpawn unsupervised() {
    naming = false;
    return this;
  }

  /**
   * Starts it. Blocks its thread in the kernel meanwhile, for some milliseconds.
   *
   * @param threads makes one platform thread, which ends before this returns
   * @return the running guest, not sealed yet
   * @throws IOException when the program cannot be run, or the hook threw it
   * @throws NativeCallException when the kernel refuses a restriction, with call and errno
   */
  public ConfinedChild start(ThreadFactory threads) throws IOException {
    var system = OperatingSystem.current().confining();
    if (identity.isEmpty()) {
      return start(system, threads);
    }
    // Changing one thread's user makes the whole process undumpable. Two spawns at once would each
    // take the other's state for the one to restore.
    synchronized (ConfinedSpawn.class) {
      var dumpable = system.dumpable();
      try {
        return start(system, threads);
      } finally {
        // Not before the thread is gone: until then the guest's user could read this process by it.
        if (dumpable == 1) {
          system.dumpable(1);
        }
      }
    }
  }

  private ConfinedChild start(Confining system, ThreadFactory threads) throws IOException {
    var landlock = new Landlock(system.landlockVersion());
    var calls = SystemCalls.of(Architecture.current().orElseThrow());
    var listening = naming && system.hasListeners();
    var program = new FilterCompiler(filter, calls, launch, listening).compile().bytes();
    try (var open = new OpenDescriptors(system)) {
      var streams = open.streams();
      var ruleset = OptionalInt.empty();
      if (files.isPresent() && landlock.version() > 0) {
        ruleset = OptionalInt.of(open.add(ruleset(system, landlock, files.get())));
      }
      var done = system.pipe();
      open.add(done.reading());
      // The thread closes the other end.
      var starter = prepare(system, streams.ofChild(), done.writing());
      try {
        var spawn =
            new SpawnThread(
                system,
                before,
                user(),
                ruleset,
                program,
                listening,
                starter,
                limits,
                done.writing());
        var started = Spawning.run(system, spawn, threads, done.reading(), calls, launch);
        return child(system, open, streams, started, confinement(landlock, listening));
      } finally {
        starter.close();
      }
    } catch (NativeCallException e) {
      if (e.call().equals("posix_spawn")) {
        throw explained(e);
      }
      throw e;
    }
  }

  private int ruleset(Confining system, Landlock landlock, FileRules rules) throws IOException {
    return connecting
        ? landlock.rulesetForEveryPort(system, rules.forLandlock())
        : landlock.ruleset(system, rules.forLandlock(), Set.of());
  }

  private OptionalInt user() {
    return identity.map(own -> OptionalInt.of(own.id())).orElse(OptionalInt.empty());
  }

  private Confining.Starter prepare(Confining system, List<Integer> streams, int done) {
    try {
      return system.prepare(
          command,
          environment.entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).toList(),
          directory.toString(),
          streams);
    } catch (NativeCallException e) {
      system.close(done);
      throw e;
    }
  }

  private ConfinedChild child(
      Confining system,
      OpenDescriptors open,
      OpenDescriptors.Streams streams,
      Spawning.Started started,
      Confinement confinement) {
    var descriptor = system.processDescriptor(started.pid());
    var process =
        new ConfinedProcess(
            system, started.pid(), descriptor, streams.input(), streams.output(), streams.error());
    var child =
        new ConfinedChild(
            system,
            process,
            started.calls(),
            confinement,
            streams.input(),
            open.keep(streams.rawOutput()));
    open.keepStreams();
    return child;
  }

  private Confinement confinement(Landlock landlock, boolean listening) {
    var confined = files.isPresent();
    var lacks = new ArrayList<String>();
    if (confined) {
      lacks.addAll(landlock.lacks());
    }
    if (!listening) {
      lacks.add(
          "seccomp: this kernel tells of no call: refused calls are not named, and those that the"
              + " start needs stay allowed");
    }
    return new Confinement(
        confined ? landlock.version() : 0,
        confined && landlock.version() > 0,
        confined && landlock.refusesTcp() && !connecting,
        confined && landlock.scopesSignals(),
        listening,
        user(),
        lacks);
  }

  private IOException explained(NativeCallException e) {
    return new IOException(
        command.getFirst()
            + " cannot be started in "
            + directory
            + ": "
            + e.getMessage()
            + "; "
            + identity.map(FunctionIdentity::toString).orElse("this user")
            + " must be able to run it and to enter the directory, by their modes and by the rules"
            + " for files",
        e);
  }

  private static void refuseNul(String value) {
    if (value.indexOf('\0') >= 0) {
      throw new IllegalArgumentException(
          "a NUL character in \"" + value + "\": it ends a C string");
    }
  }
}
