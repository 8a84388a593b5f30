package dev.cloister.sandbox.escape;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cloister.sandbox.testing.FakeCellApi;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/**
 * The function next door, {@code neighbour.py}, while another attacks it: it has the world's canary
 * for its data, and tells in the end whether it is unharmed.
 */
sealed interface Neighbour extends AutoCloseable {
  /** The area of the attacks on it. */
  String AREA = "neighbours";

  /** The processes that came with it. */
  Set<Long> processes();

  /** Lets it come to its end, and tells whether it did. */
  boolean unharmed() throws IOException, InterruptedException;

  @Override
  void close() throws IOException;

  /** The world's coordinates, and who lives next door. */
  default byte[] coordinates(EscapeWorld world) {
    var known = new String(world.coordinates(), UTF_8);
    return (known.substring(0, known.lastIndexOf('}'))
            + ", \"neighbours\": "
            + List.copyOf(processes())
            + "}")
        .getBytes(UTF_8);
  }

  private static byte[] code() throws IOException {
    return Attack.resource("neighbour.py").getBytes(UTF_8);
  }

  private static Set<Long> descendants() {
    return ProcessHandle.current()
        .descendants()
        .map(ProcessHandle::pid)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** In a runtime. */
  final class Confined implements Neighbour {
    private final Set<Long> processes;
    private final FakeCellApi api = FakeCellApi.denying();
    private final Guest guest;

    Confined(Contender contender, EscapeWorld world, ExecutorService executor)
        throws IOException, InterruptedException {
      var before = descendants();
      api.store().put("data", world.canary().getBytes(UTF_8));
      guest = new Guest(contender, "neighbour", code(), api, executor);
      api.taken();
      processes = descendants();
      processes.removeAll(before);
      if (processes.isEmpty()) {
        throw new AssertionError("a guest came without a process");
      }
    }

    @Override
    public Set<Long> processes() {
      return processes;
    }

    @Override
    public boolean unharmed() throws InterruptedException {
      api.given();
      guest.ending();
      return api.sent().size() == 1;
    }

    @Override
    public void close() throws IOException {
      guest.close();
    }
  }

  /** In plain python3, of a host that hands secrets over by environment and arguments. */
  final class Plain implements Neighbour {
    private static final List<String> PLACES = List.of("/tmp", "/dev/shm", "/var/tmp");
    private static final long NANOS_AT_MOST = TimeUnit.SECONDS.toNanos(60);
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    private final Path told;
    private final Process process;

    Plain(EscapeWorld world) throws IOException {
      var run = Files.createTempDirectory(world.root(), "neighbour-");
      told = Files.createFile(run.resolve("told"));
      var command = new ArrayList<>(List.of(PlainPython.PYTHON, "-I"));
      command.add(
          Files.writeString(run.resolve("plain.py"), Attack.resource("plain.py")).toString());
      command.add(Files.write(run.resolve("code"), code()).toString());
      command.add(Files.writeString(run.resolve("data"), world.canary()).toString());
      command.add(told.toString());
      command.add(world.canary());
      var builder = new ProcessBuilder(command).directory(run.toFile());
      builder.environment().put("ESCAPE", world.canary());
      process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
      await(1);
    }

    /** Waits for so many words, or for its death. */
    private boolean await(int words) throws IOException {
      var start = System.nanoTime();
      while (System.nanoTime() - start < NANOS_AT_MOST) {
        var alive = process.isAlive();
        var said = Files.readAllLines(told, UTF_8);
        if (said.size() >= words) {
          return true;
        }
        if (!alive) {
          return false;
        }
        LockSupport.parkNanos(LOOK_NANOS);
      }
      throw new IOException("the neighbour says nothing");
    }

    @Override
    public Set<Long> processes() {
      return Set.of(process.pid());
    }

    @Override
    public boolean unharmed() throws IOException {
      try (var input = process.getOutputStream()) {
        input.write('\n');
      } catch (IOException _) {
        return false;
      }
      return await(2);
    }

    /** One that was killed left its files where all may write. */
    @Override
    public void close() throws IOException {
      process.destroyForcibly().onExit().join();
      for (var place : PLACES) {
        Files.deleteIfExists(Path.of(place, "neighbour-" + process.pid()));
      }
    }
  }
}
