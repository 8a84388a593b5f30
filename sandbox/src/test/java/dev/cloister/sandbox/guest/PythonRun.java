package dev.cloister.sandbox.guest;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cloister.core.TimeSource;
import dev.cloister.sandbox.runtime.CellApi;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** One function in a python3 of this host, confined by nothing. */
final class PythonRun implements AutoCloseable {
  static final String PYTHON = "/usr/bin/python3";

  final Process process;
  private final GuestChannel channel;
  private final Path errors;
  private final CellApi api;

  /** Starts the loader and waits for its hello. */
  PythonRun(Path directory, CellApi api) throws IOException, InterruptedException {
    if (!Files.exists(directory.resolve("cell.py"))) {
      PythonGuest.install(directory);
    }
    this.api = api;
    errors = directory.resolve("errors");
    var builder =
        new ProcessBuilder(PythonGuest.command(PYTHON, directory.toString()))
            .redirectError(errors.toFile());
    builder.environment().put("SECRET", "of the host");
    process = builder.start();
    channel = new GuestChannel(process.getInputStream(), process.getOutputStream());
    channel.awaitHello(Duration.ofSeconds(30), process::isAlive, TimeSource.system());
  }

  GuestEnd serve(String code) {
    channel.load(code.getBytes(UTF_8));
    return channel.serve(api);
  }

  /** What it wrote to standard error, when it has ended. */
  String errors() throws IOException, InterruptedException {
    process.waitFor(30, TimeUnit.SECONDS);
    return Files.readString(errors);
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}
