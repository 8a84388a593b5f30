package dev.cloister.sandbox.internal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** What the threads of this process do, for the message of a test that waited in vain. */
public final class Threads {
  private Threads() {}

  /**
   * Describes Java's by their stacks, and all as the kernel sees them.
   *
   * @return many lines
   */
  public static String now() {
    var text = new StringBuilder("threads:\n");
    Thread.getAllStackTraces()
        .forEach((thread, stack) -> {
          text.append(thread).append(' ').append(thread.getState()).append('\n');
          for (var frame : stack) {
            text.append("    ").append(frame).append('\n');
          }
        });
    try (var tasks = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
      describe(tasks, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }

  private static void describe(DirectoryStream<Path> tasks, StringBuilder text) {
    for (var task : tasks) {
      var known = Map.of("comm", 16, "wchan", 64, "syscall", 64, "cgroup", 4096);
      text.append(task.getFileName());
      known.forEach((name, most) -> text.append(' ').append(read(task.resolve(name), most)));
      text.append('\n');
    }
  }

  private static String read(Path file, int most) {
    try {
      var content = Files.readString(file).strip().replace('\n', ' ');
      return content.substring(0, Math.min(most, content.length()));
    } catch (IOException _) {
      return "?";
    }
  }
}
