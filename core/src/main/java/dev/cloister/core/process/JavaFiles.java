package dev.cloister.core.process;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cloister.core.internal.os.Landlock.Access;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;

/** What Java opens of itself, at its start and later. */
final class JavaFiles {
  /** What it asks about the machine, the time, and randomness; none of it has to be there. */
  private static final List<String> OF_THE_SYSTEM =
      List.of(
          "/proc",
          "/sys/fs/cgroup",
          "/sys/devices/system",
          "/sys/kernel/mm",
          "/dev/random",
          "/dev/urandom",
          "/dev/zero",
          "/etc/ld.so.cache",
          "/etc/localtime",
          "/etc/nsswitch.conf",
          "/etc/passwd",
          "/usr/share/zoneinfo",
          "/usr/lib/locale");

  /** A file that is mapped to be run, in the words of proc_pid_maps(5). */
  private static final Pattern MAPPED_CODE = Pattern.compile("\\S+ r-xp .* (/.+)");

  private JavaFiles() {}

  static Map<Path, Access> needed() throws IOException {
    var files = new LinkedHashMap<Path, Access>();
    for (var path : OF_THE_SYSTEM) {
      putIfThere(files, Path.of(path), Access.READ);
    }
    putIfThere(files, Path.of("/dev/null"), Access.USE);
    var home = Path.of(System.getProperty("java.home")).toRealPath();
    files.put(home, Access.READ);
    for (var code : mappedCode()) {
      if (code.getFileName().toString().startsWith("ld-")) {
        files.put(code, Access.EXECUTE);
      } else if (!code.startsWith(home)) {
        files.put(Objects.requireNonNull(code.getParent()), Access.READ);
      }
    }
    files.put(Path.of("/proc/self/exe").toRealPath(), Access.EXECUTE);
    for (var entry : LateClasses.path()) {
      putIfThere(files, entry, Access.READ);
    }
    return files;
  }

  private static List<Path> mappedCode() throws IOException {
    try (var lines = Files.lines(Path.of("/proc/self/maps"), UTF_8)) {
      return lines
          .map(MAPPED_CODE::matcher)
          .filter(found -> found.matches())
          .map(found -> Path.of(found.group(1)))
          .filter(Files::exists)
          .distinct()
          .toList();
    }
  }

  private static void putIfThere(Map<Path, Access> files, Path path, Access access) {
    if (Files.exists(path)) {
      files.putIfAbsent(path, access);
    }
  }
}
