package dev.cloister.sandbox.confine;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cloister.sandbox.confine.FileRules.Access;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadFactory;
import java.util.function.Function;
import java.util.stream.Stream;

/** A python3 with some lines of code, confined or plain, and what became of it. */
record Guest(int exit, String output, String error, List<DeniedCall> denied) {
  static final ThreadFactory THREADS = Thread.ofPlatform().name("spawn").factory();
  static final Path PYTHON = Path.of("/usr/bin/python3");

  /** So that Python asks no name service for its home. */
  static final Map<String, String> ENVIRONMENT = Map.of("HOME", "/", "LC_ALL", "C.UTF-8");

  static SystemCallFilter filter() {
    return SystemCallFilter.allowing(ImageSystemCalls.python3());
  }

  static FileRules files() {
    var rules =
        FileRules.nothing()
            .with(Access.USE, Path.of("/dev/null"))
            .with(Access.READ, Path.of("/dev/urandom"));
    for (var path :
        Stream.of("/usr", "/lib", "/lib64", "/etc/ld.so.cache").map(Path::of).toList()) {
      if (Files.exists(path)) {
        rules = rules.with(Access.EXECUTE, path);
      }
    }
    return rules;
  }

  static ConfinedSpawn spawn(SystemCallFilter filter, String code) {
    return ConfinedSpawn.of(List.of(PYTHON.toString(), "-I", "-c", code), filter)
        .environment(ENVIRONMENT);
  }

  /** Runs it plain, with this process's rights. */
  static Guest plain(String code) throws IOException, InterruptedException {
    var process = new ProcessBuilder(PYTHON.toString(), "-I", "-c", code).start();
    process.getOutputStream().close();
    return ended(process, List.of());
  }

  /** Runs it with every layer but a user of its own, sealed once it has said a word. */
  static Guest confined(String code) throws IOException, InterruptedException {
    return confined(code, filter(), spawn -> spawn.files(files()));
  }

  static Guest confined(
      String code, SystemCallFilter filter, Function<ConfinedSpawn, ConfinedSpawn> with)
      throws IOException, InterruptedException {
    var whenTold = "import sys\nprint('ready', flush=True)\nsys.stdin.readline()\n" + code;
    try (var child = with.apply(spawn(filter, whenTold)).start(THREADS)) {
      return sealedAndRun(child);
    }
  }

  static Guest sealedAndRun(ConfinedChild child) throws IOException, InterruptedException {
    if (child.awaitOutput(Duration.ofSeconds(30))) {
      child.process().getInputStream().readNBytes("ready\n".length());
    }
    child.calls().seal();
    try (var input = child.process().getOutputStream()) {
      input.write('\n');
    } catch (IOException _) {
      // It ended already; its errors tell.
    }
    while (child.process().isAlive()) {
      child.calls().drain();
      Thread.sleep(1);
    }
    return ended(child.process(), child.calls().denied());
  }

  private static Guest ended(Process process, List<DeniedCall> denied)
      throws IOException, InterruptedException {
    var output = new String(process.getInputStream().readAllBytes(), UTF_8);
    var error = new String(process.getErrorStream().readAllBytes(), UTF_8);
    return new Guest(process.waitFor(), output.strip(), error.strip(), denied);
  }

  List<String> deniedNames() {
    return denied.stream().map(DeniedCall::name).toList();
  }
}
