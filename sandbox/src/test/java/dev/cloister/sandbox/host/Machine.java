package dev.cloister.sandbox.host;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * What this process, or one that it killed, has of the machine, each as a line under what it is.
 * What bears the name of another living host is not looked at: it comes and goes by itself.
 *
 * @param has sorted lines by kind
 */
record Machine(SortedMap<String, List<String>> has) {
  private static final Path GROUPS = Path.of("/sys/fs/cgroup");
  private static final Path NAMESPACES = Path.of("/run/netns");

  /** Looks around; {@code pid} is the host's, this process or a child. */
  static Machine ofHost(long pid, Path directory) throws Exception {
    var has = new TreeMap<String, List<String>>();
    has.put("processes", processes(pid));
    has.put("control groups", named(groups(), pid));
    has.put("network namespaces", named(names(NAMESPACES), pid));
    has.put("links", links(pid));
    has.put("mounts", mounts(pid));
    has.put("firewall tables", named(tables(), pid));
    has.put("files", files(directory));
    has.put("temporary files", temporary(pid));
    has.put("descriptors", descriptors(pid));
    has.put("threads", threads());
    return new Machine(has);
  }

  static Machine ofThisProcess(Path directory) throws Exception {
    return ofHost(ProcessHandle.current().pid(), directory);
  }

  /** Looks until nothing differs any more, or for some time. */
  static Machine whenLike(Machine expected, Path directory) throws Exception {
    var giveUp = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    var now = ofThisProcess(directory);
    while (!now.equals(expected) && System.nanoTime() < giveUp) {
      Thread.sleep(100);
      now = ofThisProcess(directory);
    }
    return now;
  }

  /** What this has of one kind. */
  List<String> of(String kind) {
    return has.getOrDefault(kind, List.of());
  }

  /** What this has and another has not. */
  List<String> beyond(Machine other) {
    var more = new ArrayList<String>();
    has.forEach((kind, lines) -> {
      var rest = new ArrayList<>(lines);
      other.has.getOrDefault(kind, List.of()).forEach(rest::remove);
      rest.forEach(line -> more.add(kind + ": " + line));
    });
    return more;
  }

  /** Drops what bears the name of another host. */
  private static List<String> named(Stream<String> lines, long pid) {
    try (lines) {
      return lines.filter(line -> !isOfAnother(line, pid)).sorted().toList();
    }
  }

  private static List<String> named(List<String> lines, long pid) {
    return named(lines.stream(), pid);
  }

  private static boolean isOfAnother(String line, long pid) {
    return line.replace('_', '-').matches(".*cloister-[0-9]+-(?!" + pid + "-)[0-9]+-.*");
  }

  private static boolean isOfHost(String line, long pid) {
    return line.replace('_', '-').matches("(?s).*cloister-[0-9]+-" + pid + "-.*");
  }

  /** Its children and theirs, and whatever else is in its control groups. */
  private static List<String> processes(long pid) throws IOException {
    var found = new TreeSet<Long>();
    ProcessHandle.of(pid).stream()
        .flatMap(ProcessHandle::descendants)
        .filter(ProcessHandle::isAlive)
        .forEach(process -> found.add(process.pid()));
    try (var all = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (var process : all) {
        if (isOfHost(textOf(process.resolve("cgroup")), pid)) {
          found.add(Long.valueOf(process.getFileName().toString()));
        }
      }
    }
    return found.stream().map(process -> process + " " + commandOf(process)).toList();
  }

  private static String commandOf(long process) {
    return textOf(Path.of("/proc", Long.toString(process), "cmdline")).replace('\0', ' ').strip();
  }

  /** Empty when it has gone. */
  private static String textOf(Path file) {
    try {
      return new String(Files.readAllBytes(file), ISO_8859_1);
    } catch (IOException _) {
      return "";
    }
  }

  private static List<String> groups() throws IOException {
    var groups = new ArrayList<String>();
    Files.walkFileTree(
        GROUPS,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes about) {
            groups.add(directory.toString());
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException gone) {
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, IOException gone) {
            return FileVisitResult.CONTINUE;
          }
        });
    return groups.stream().filter(group -> group.contains("cloister")).toList();
  }

  private static List<String> names(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (var entries = Files.list(directory)) {
      return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
    }
  }

  /** The name of a link has but the end of its host's. */
  private static List<String> links(long pid) throws Exception {
    var others =
        Stream.concat(names(NAMESPACES).stream(), tables().stream())
            .filter(name -> isOfAnother(name, pid))
            .toList();
    return names(Path.of("/sys/class/net")).stream()
        .filter(link ->
            !link.matches("cl[0-9a-f]{8}.+")
                || others.stream().noneMatch(name -> name.contains(link.substring(2, 10))))
        .toList();
  }

  /** Without the numbers of mounts and devices. */
  private static List<String> mounts(long pid) throws IOException {
    return named(
        Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
            .map(line -> line.replaceFirst("^[0-9]+ [0-9]+ [0-9:]+ ", "")),
        pid);
  }

  private static List<String> tables() throws Exception {
    var nft = new ProcessBuilder("nft", "list", "tables").redirectErrorStream(true).start();
    try (var out = nft.inputReader()) {
      return out.lines().toList();
    } finally {
      nft.waitFor();
    }
  }

  /** A mount whose host is dead is one of them, and nobody can look into it. */
  private static List<String> files(Path directory) throws IOException {
    var found = new TreeSet<String>();
    Files.walkFileTree(
        directory,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path each, BasicFileAttributes attributes) {
            return seen(each);
          }

          @Override
          public FileVisitResult visitFile(Path each, BasicFileAttributes attributes) {
            return seen(each);
          }

          @Override
          public FileVisitResult visitFileFailed(Path each, IOException failure) {
            return seen(each);
          }

          private FileVisitResult seen(Path each) {
            found.add(each.toString());
            return FileVisitResult.CONTINUE;
          }
        });
    return List.copyOf(found);
  }

  /** Other tests have theirs there. */
  private static List<String> temporary(long pid) throws IOException {
    return names(Path.of(System.getProperty("java.io.tmpdir"))).stream()
        .filter(name -> isOfHost(name, pid))
        .toList();
  }

  /**
   * By what they are of and how they were opened, by which one knows who did, without the numbers
   * of pipes and sockets, and without classes.
   */
  private static List<String> descriptors(long pid) throws IOException {
    var open = new ArrayList<String>();
    var process = Path.of("/proc", Long.toString(pid));
    if (!Files.exists(process)) {
      return open;
    }
    try (var all = Files.newDirectoryStream(process.resolve("fd"))) {
      for (var descriptor : all) {
        var target = targetOf(descriptor);
        if (!target.endsWith(".jar")) {
          open.add(
              target.replaceAll("\\[[0-9]+\\]|/proc/[0-9]+/fd", "[]")
                  + flagsOf(process, descriptor));
        }
      }
    }
    return open.stream().sorted().toList();
  }

  /** As open(2) has them, in octal. */
  private static String flagsOf(Path process, Path descriptor) {
    return textOf(process.resolve("fdinfo").resolve(descriptor.getFileName().toString()))
        .lines()
        .filter(line -> line.startsWith("flags:"))
        .findFirst()
        .map(line -> " opened with" + line.substring("flags:".length()).replaceAll("\\s+", " "))
        .orElse("");
  }

  private static String targetOf(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString();
    } catch (IOException _) {
      return "gone";
    }
  }

  /** Not those of the JDK's own pools, which it ends after up to a minute. */
  private static List<String> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> !name.matches("process reaper.*|ForkJoinPool[-.].*|.*-[Pp]oller.*"))
        .sorted()
        .toList();
  }
}
