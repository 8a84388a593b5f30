package dev.cloister.sandbox.cgroup;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/** A python3 that is inside a group before its first line runs. */
record Child(Process process) implements AutoCloseable {
  private static final String WAIT = "import sys; sys.stdin.readline()\n";

  /** Spawns by a throw-away thread that enters, or enters what was spawned, as the group admits. */
  static Child in(ControlGroup group, String program) throws IOException, InterruptedException {
    var command =
        new ProcessBuilder("/usr/bin/python3", "-I", "-u", "-c", WAIT + program)
            .redirectErrorStream(true);
    var child = new Child(group.admitsThreads() ? born(group, command) : moved(group, command));
    try (var in = child.process.outputWriter()) {
      in.write("go\n");
    }
    return child;
  }

  private static Process moved(ControlGroup group, ProcessBuilder command) throws IOException {
    var process = command.start();
    group.enter(Entry.ofProcess(process.pid())).close();
    return process;
  }

  private static Process born(ControlGroup group, ProcessBuilder command)
      throws IOException, InterruptedException {
    var spawned = new AtomicReference<Process>();
    var failed = new AtomicReference<IOException>();
    var thread =
        new Thread(() -> {
          try (var _ = group.enter(Entry.ofThisThread())) {
            spawned.set(command.start());
          } catch (IOException e) {
            failed.set(e);
          }
        });
    thread.start();
    thread.join();
    if (failed.get() != null) {
      throw failed.get();
    }
    return spawned.get();
  }

  /** Returns all that it wrote, once it has ended by itself or by the kernel. */
  String output() throws IOException, InterruptedException {
    var all = new String(process.getInputStream().readAllBytes(), UTF_8);
    if (!process.waitFor(30, TimeUnit.SECONDS)) {
      throw new IOException("still running: " + process);
    }
    return all;
  }

  String line() throws IOException {
    return process.inputReader().readLine();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
