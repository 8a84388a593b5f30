package dev.cloister.sandbox.escape;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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

  static Verdict attempt(Attack attack, EscapeWorld world, byte[] coordinates)
      throws IOException, InterruptedException {
    var run = Files.createTempDirectory(world.root(), "plain-");
    var plain = Files.writeString(run.resolve("plain.py"), Attack.resource("plain.py"));
    var code = Files.write(run.resolve("code"), attack.code());
    var data = Files.write(run.resolve("data"), coordinates);
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
    var messages = messages(told);
    if (messages.isEmpty()) {
      throw new AssertionError(attack + ": " + Files.readString(run.resolve("shown")));
    }
    var kept = Files.size(run.resolve("shown"));
    return kept > HostMemory.KEPT_BYTES
        ? new Verdict(Verdict.Word.ESCAPED, "the host kept %d bytes".formatted(kept))
        : Verdict.of(messages);
  }

  /** What was told until another program, which knows no digits, took the function's place. */
  private static List<byte[]> messages(Path told) throws IOException {
    return Files.readAllLines(told, UTF_8).stream()
        .takeWhile(line -> line.matches("[0-9a-f]+"))
        .map(HexFormat.of()::parseHex)
        .toList();
  }
}
