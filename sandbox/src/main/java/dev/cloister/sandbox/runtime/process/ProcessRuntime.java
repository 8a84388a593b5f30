package dev.cloister.sandbox.runtime.process;

import dev.cloister.core.TimeSource;
import dev.cloister.sandbox.cgroup.ControlGroups;
import dev.cloister.sandbox.confine.ConfinedSpawn;
import dev.cloister.sandbox.confine.FileRules;
import dev.cloister.sandbox.confine.FileRules.Access;
import dev.cloister.sandbox.confine.FunctionIdentities;
import dev.cloister.sandbox.image.Image;
import dev.cloister.sandbox.runtime.FunctionRuntime;
import dev.cloister.sandbox.runtime.GuestProcess;
import dev.cloister.sandbox.runtime.Launch;
import dev.cloister.sandbox.runtime.RuntimeLabel;
import dev.cloister.sandbox.runtime.spawned.GuestSpawner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;

/**
 * Runs functions as processes of this host: behind Landlock, a list of system calls and limits, all
 * put on before the program's first instruction; it writes the launch's directory alone, and is in
 * a control group where one can be had. It keeps a function from the host's files, network,
 * processes and from other functions; it does not withstand a hole in the kernel, whose whole
 * surface of allowed calls a function reaches.
 *
 * <p>Started by root, each function gets a user of its own that nothing else on the machine has,
 * and no capability; otherwise it runs as this process's user. Safe for use by many threads.
 */
public final class ProcessRuntime implements FunctionRuntime, AutoCloseable {
  private static final List<Path> DEVICES =
      List.of(Path.of("/dev/null"), Path.of("/dev/zero"), Path.of("/dev/urandom"));

  private final ThreadFactory threads;
  private final TimeSource time;
  private final ControlGroups groups;
  private final Optional<FunctionIdentities> identities;

  ProcessRuntime(ThreadFactory threads, TimeSource time, ControlGroups groups) {
    this.threads = threads;
    this.time = time;
    this.groups = groups;
    this.identities = GuestSpawner.identities();
  }

  /**
   * Opens the runtime; what a killed process left of its control groups is removed.
   *
   * @param threads makes a platform thread for each start, which dies after it
   * @param time for deadlines
   * @return the runtime, which the caller closes after the last function
   */
  public static ProcessRuntime open(ThreadFactory threads, TimeSource time) {
    return new ProcessRuntime(threads, time, ControlGroups.find(time));
  }

  /**
   * Opens the runtime without control groups, as on a host that has none to give.
   *
   * @param threads makes a platform thread for each start, which dies after it
   * @param time for deadlines
   * @return the runtime, which the caller closes after the last function
   */
  static ProcessRuntime openWithoutGroups(ThreadFactory threads, TimeSource time) {
    return new ProcessRuntime(threads, time, ControlGroups.none(time));
  }

  @Override
  public RuntimeLabel label() {
    var lacks = new ArrayList<>(groups.support().lacks());
    lacks.addAll(GuestSpawner.lacks(identities));
    return new RuntimeLabel(
        "process",
        List.of(
            "opening the host's files, but what its image reads: Landlock",
            "the network, and signals and abstract sockets beyond itself: seccomp, Landlock",
            "calls of the system that are not the image's: seccomp, an allow-list",
            "other functions: a user of its own when started by root, Landlock else"),
        List.of(
            "a hole in the kernel, reached through an allowed system call",
            "root on the host",
            "the names, sizes and times of the host's files can be seen"),
        lacks,
        GuestSpawner.claims(groups.support()));
  }

  @Override
  public boolean runs(Image.Kind kind) {
    return kind == Image.Kind.PYTHON;
  }

  @Override
  public GuestProcess start(Launch launch) throws IOException {
    var spawner = new GuestSpawner(launch, groups, threads, time);
    ConfinedSpawn spawn;
    try {
      spawn = prepared(launch.image(), spawner);
    } catch (IOException | RuntimeException e) {
      spawner.abandon(e);
      throw e;
    }
    return spawner.start(spawn);
  }

  private ConfinedSpawn prepared(Image image, GuestSpawner spawner) throws IOException {
    var writable = spawner.writable();
    var spawn =
        ConfinedSpawn.of(image.commandIn(image.directory()), spawner.filter())
            .directory(writable.orElse(Path.of("/")))
            .environment(GuestSpawner.ENVIRONMENT)
            .files(rules(image, writable));
    spawner.becoming(identities, spawn);
    return spawn;
  }

  private static FileRules rules(Image image, Optional<Path> writable) {
    var rules = FileRules.nothing().with(Access.READ, image.directory());
    for (var read : image.reads()) {
      if (Files.exists(read)) {
        rules = rules.with(Access.EXECUTE, read);
      }
    }
    for (var device : DEVICES) {
      rules = rules.with(Access.USE, device);
    }
    return writable.isPresent() ? rules.with(Access.WRITE, writable.get()) : rules;
  }

  /**
   * Gives back the control groups.
   *
   * @throws IOException when one could not be removed; the rest was
   */
  @Override
  public void close() throws IOException {
    groups.close();
  }
}
