package dev.cloister.tor.exitpolicy;

import dev.cloister.core.internal.Deadline;
import dev.cloister.tor.control.Authentication;
import dev.cloister.tor.control.ControlLimits;
import dev.cloister.tor.control.ControlRefused;
import dev.cloister.tor.control.Setting;
import dev.cloister.tor.control.TorControl;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A real tor relay that nobody hears of: its one directory authority is a closed port of ours. */
final class LoneRelay implements Closeable {
  /** What it advertises; from a range for documentation, so that tor takes it for public. */
  static final String ADDRESS = "198.51.100.7";

  private static final Duration START_MOST = Duration.ofSeconds(30);
  private static final long POLL_NANOS = 5_000_000;

  private final Process process;
  private final TorControl control;

  private LoneRelay(Process process, TorControl control) {
    this.process = process;
    this.control = control;
  }

  /** Starts one in a directory that is the caller's. */
  static LoneRelay start(Path directory, String... options) throws IOException {
    var nothing = Files.createFile(directory.resolve("empty"));
    var port = freePort();
    var command =
        new ArrayList<>(
            List.of(
                "tor -f %1$s --defaults-torrc %1$s --GeoIPFile %1$s --GeoIPv6File %1$s"
                    .formatted(nothing)
                    .split(" ", -1)));
    command.addAll(List.of("--DataDirectory", directory.resolve("data").toString()));
    command.addAll(List.of("--ControlPort", "unix:" + directory.resolve("control")));
    command.addAll(List.of("--SocksPort", "0", "--TestingTorNetwork", "1", "--ExitRelay", "1"));
    command.addAll(List.of("--ORPort", "127.0.0.1:" + port + " NoAdvertise"));
    command.addAll(List.of("+ORPort", ADDRESS + ":" + port + " NoListen IPv4Only"));
    command.addAll(List.of("--Address", ADDRESS, "--ContactInfo", "nobody@example.net"));
    command.addAll(
        List.of(
            "--DirAuthority", "none orport=1 v3ident=%1$040d 127.0.0.1:1 %1$040d".formatted(1)));
    command.addAll(List.of("--ExitPolicy", "reject *:*", "--PublishServerDescriptor", "0"));
    command.addAll(List.of(options));
    var log = directory.resolve("log");
    var process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    try {
      return new LoneRelay(process, connect(process, directory.resolve("control"), log));
    } catch (IOException | RuntimeException e) {
      process.destroyForcibly();
      throw e;
    }
  }

  private static int freePort() throws IOException {
    for (var port = 21_000; port < 32_000; port += 17) {
      try (var _ = new ServerSocket(port, 1, InetAddress.ofLiteral("127.0.0.1"))) {
        return port;
      } catch (IOException _) {
        // Taken.
      }
    }
    throw new IOException("no free port below the ephemeral ones");
  }

  private static TorControl connect(Process process, Path socket, Path log) throws IOException {
    var deadline = Deadline.in(START_MOST);
    while (process.isAlive() && !deadline.hasPassed()) {
      try {
        return TorControl.connect(
            UnixDomainSocketAddress.of(socket), new Authentication.None(), ControlLimits.DEFAULT);
      } catch (IOException _) {
        LockSupport.parkNanos(POLL_NANOS);
      }
    }
    throw new IOException("tor did not listen: " + Files.readString(log));
  }

  /** Asks for something, and returns its lines. */
  List<String> info(String key) throws IOException {
    return control.getInfo(key).lines().toList();
  }

  /** Sets options; the values of ExitPolicy are given apart. */
  void set(String options, List<String> policy) throws IOException {
    var settings = new ArrayList<Setting>();
    for (var option : options.split(" ", -1)) {
      var halves = option.split("=", 2);
      settings.add(new Setting(halves[0], halves[1]));
    }
    policy.forEach(line -> settings.add(new Setting("ExitPolicy", line)));
    control.setConf(settings.toArray(Setting[]::new));
  }

  /** Waits until the relay's own descriptor has a mark, and returns its policy. */
  List<String> policy(String mark) throws IOException {
    var deadline = Deadline.in(START_MOST);
    var lines = List.<String>of();
    while (!deadline.hasPassed()) {
      try {
        lines = info("exit-policy/full");
        if (lines.stream().anyMatch(line -> line.contains(mark))) {
          return lines;
        }
      } catch (ControlRefused _) {
        // The descriptor is being made; tor makes it once a second at most.
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
    throw new IOException("no " + mark + " in " + lines);
  }

  @Override
  public void close() throws IOException {
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException _) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    } finally {
      control.close();
    }
  }
}
