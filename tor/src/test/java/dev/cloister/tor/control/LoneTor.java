package dev.cloister.tor.control;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** A real tor without a network: its control port is all there. */
final class LoneTor implements AutoCloseable {
  private static final Pattern TCP =
      Pattern.compile(".*Control listener listening on port (\\d+).*");
  private static final Pattern SOCKET =
      Pattern.compile(".*Opened Control listener connection \\(ready\\) on /.*");

  private final Process process;
  private final Path directory;
  private final int port;

  private LoneTor(Process process, Path directory, int port) {
    this.process = process;
    this.directory = directory;
    this.port = port;
  }

  static LoneTor startIn(Path parent, String... lines) throws IOException {
    var directory =
        Files.createTempDirectory(
            parent,
            "tor",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    var empty = Files.createFile(directory.resolve("empty"));
    var torrc =
        Files.write(
            directory.resolve("torrc"),
            ("""
            DataDirectory %1$s
            ControlPort auto
            ControlSocket %1$s/control
            CookieAuthentication 1
            SocksPort 0
            ORPort 127.0.0.1:1
            DisableNetwork 1
            GeoIPFile %1$s/empty
            GeoIPv6File %1$s/empty
            Log notice stdout
            """
                        .formatted(directory)
                    + String.join("\n", lines))
                .lines()
                .toList());
    var process =
        new ProcessBuilder("tor", "--defaults-torrc", empty.toString(), "-f", torrc.toString())
            .redirectErrorStream(true)
            .start();
    return new LoneTor(process, directory, portOf(process.inputReader()));
  }

  /** Reads the log until both control ports are open, of which the socket is the second. */
  private static int portOf(BufferedReader log) throws IOException {
    var said = new StringBuilder();
    var port = 0;
    for (var line = log.readLine(); line != null; line = log.readLine()) {
      said.append(line).append('\n');
      var matcher = TCP.matcher(line);
      if (matcher.matches()) {
        port = Integer.parseInt(matcher.group(1));
      }
      if (SOCKET.matcher(line).matches()) {
        return port;
      }
    }
    throw new IOException("tor ended:\n" + said);
  }

  SocketAddress tcp() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  SocketAddress unix() {
    return UnixDomainSocketAddress.of(directory.resolve("control"));
  }

  List<SocketAddress> both() {
    return List.of(tcp(), unix());
  }

  Path cookie() {
    return directory.resolve("control_auth_cookie");
  }

  Process process() {
    return process;
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException _) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
