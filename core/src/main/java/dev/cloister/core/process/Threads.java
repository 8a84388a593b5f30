package dev.cloister.core.process;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * What the kernel says of every thread of this process at one moment; one that is born or dies
 * meanwhile may be missing. Source: proc_pid_status(5).
 */
record Threads(List<Map<String, String>> status) {
  private static final long SIGQUIT_BIT = 1L << 2;
  private static final String ATTACH_LISTENER = "Attach Listener";

  static Threads now(Path proc) throws IOException {
    var all = new ArrayList<Map<String, String>>();
    try (var tasks = Files.newDirectoryStream(proc.resolve("self/task"))) {
      for (var task : tasks) {
        try {
          all.add(parse(Files.readString(task.resolve("status"), UTF_8)));
        } catch (NoSuchFileException _) {
          // It ended since it was listed.
        }
      }
    }
    return new Threads(all);
  }

  private static Map<String, String> parse(String text) {
    var fields = new HashMap<String, String>();
    text.lines()
        .forEach(line -> {
          var colon = line.indexOf(':');
          fields.put(line.substring(0, colon), line.substring(colon + 1).strip());
        });
    return fields;
  }

  int count() {
    return status.size();
  }

  /** Whether every thread has a seccomp filter. */
  boolean areFiltered() {
    return all(fields -> fields.getOrDefault("Seccomp", "0").equals("2"));
  }

  /** Whether no thread can get privileges by a program that it becomes. */
  boolean getNoPrivileges() {
    return all(fields -> fields.getOrDefault("NoNewPrivs", "0").equals("1"));
  }

  /** Whether no thread has a capability that it uses, or could use at will. */
  boolean haveNoCapability() {
    return all(fields ->
        isZero(fields.getOrDefault("CapPrm", "1")) && isZero(fields.getOrDefault("CapEff", "1")));
  }

  /** Whether no thread is root's in any way. */
  boolean areNotRoots() {
    return all(fields ->
        List.of(fields.getOrDefault("Uid", "0").split("\\s+", -1)).stream()
            .noneMatch(id -> id.equals("0")));
  }

  /** Whether the runtime catches the signal at which it prints a dump, or starts to listen. */
  boolean catchTheDumpSignal() {
    return !all(fields ->
        (Long.parseUnsignedLong(fields.getOrDefault("SigCgt", "4"), 16) & SIGQUIT_BIT) == 0);
  }

  /** Whether one of them waits for tools that attach. */
  boolean listenForTools() {
    return !all(fields -> !fields.getOrDefault("Name", "").equals(ATTACH_LISTENER));
  }

  private boolean all(Predicate<Map<String, String>> what) {
    return status.stream().allMatch(what);
  }

  private static boolean isZero(String hex) {
    return hex.matches("0+");
  }
}
