package dev.cloister.sandbox.escape;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What becomes of an attack that nothing confines: python3 as a program starts it without care,
 * with the host's user, environment and two of its open files.
 */
final class PlainPython {
  /** The one of the system, which images use too. */
  static final String PYTHON = "/usr/bin/python3";

  private static final long END_SECONDS = 30;

  private PlainPython() {}

  static Verdict attempt(Attack attack, EscapeWorld world)
      throws IOException, InterruptedException {
    var run = Files.createTempDirectory(world.root(), "plain-");
    var plain = Files.writeString(run.resolve("plain.py"), Attack.resource("plain.py"));
    var code = Files.write(run.resolve("code"), attack.code());
    var data = Files.write(run.resolve("data"), world.coordinates());
    var told = Files.createFile(run.resolve("told"));
    var start = "cd \"$1\" && shift && exec \"$@\" 8< \"$0\"/secret 9< \"$0\"";
    var command =
        new ProcessBuilder("/bin/sh", "-c", start, world.outside().toString(), run.toString());
    command.command().addAll(List.of(PYTHON, "-I", plain.toString()));
    command.command().addAll(List.of(code.toString(), data.toString(), told.toString()));
    command.environment().put("ESCAPE", world.canary());
    command.redirectErrorStream(true).redirectOutput(run.resolve("shown").toFile());
    var process = command.start();
    try {
      if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
        throw new AssertionError(attack + " did not end in " + END_SECONDS + " s");
      }
    } finally {
      process.destroyForcibly();
    }
    var messages = new ArrayList<byte[]>();
    Files.readAllLines(told, UTF_8).forEach(line -> messages.add(HexFormat.of().parseHex(line)));
    if (messages.isEmpty()) {
      throw new AssertionError(attack + ": " + Files.readString(run.resolve("shown")));
    }
    return Verdict.of(messages);
  }
}
