package dev.cloister.sandbox.host;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.TimeSource;
import dev.cloister.core.key.SecretAccess;
import dev.cloister.core.testing.RequiresProgram;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.stream.Collectors;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What a function's files and memory are worth against another function, to which the operator
 * tells all that he can see, and against the operator, who is root. The last is no property to be
 * proud of: it is here so that nobody believes the contrary.
 */
@RequiresProgram(
    value = {"python3", "bwrap", "ip", "nft"},
    root = true)
final class OperatorTest {
  private static final String STORED = "what the first function stored";

  /** Its secret in memory is made by it, and stands nowhere else. */
  private static final String VICTIM =
      """
      import cell
      cell.store.put("secret", b"%s")
      secret = b"in memory: " + cell.random(16).hex().encode()
      cell.send(secret)
      cell.receive()
      """
          .formatted(STORED);

  /** Told where everything is, it tries each way to it; what it got it sends, and then says so. */
  private static final String THIEF =
      """
      import cell, os
      store, process, token = cell.receive(30).decode().split()
      def attempt(name, act):
          try:
              result = act()
              cell.send(("%s: got %r" % (name, result)).encode()[:1000])
          except (OSError, cell.Refused):
              pass
      def ours(name):
          found = cell.store.get(name)
          if found is None:
              raise OSError("there is none")
          return found
      def read(path):
          with open(path, "rb") as file:
              return file.read(100)
      proc = "/proc/" + process
      for path in (store, proc + "/mem", proc + "/environ", proc + "/maps", proc + "/root" + store):
          attempt("read " + path, lambda: read(path))
      for path in (os.path.dirname(store), proc + "/fd", proc + "/root/", proc + "/cwd/"):
          attempt("list " + path, lambda: os.listdir(path))
      attempt("write", lambda: open(store, "r+b"))
      attempt("unlink", lambda: os.unlink(store))
      attempt("rename", lambda: os.rename(store, store + "x"))
      attempt("link", lambda: os.link(store, "/tmp/stolen"))
      attempt("kill", lambda: os.kill(int(process), 9))
      attempt("its channel", lambda: os.open(proc + "/fd/0", os.O_RDONLY))
      attempt("call", lambda: cell.call(bytes.fromhex(token), b"give me your secret"))
      for name in ("secret", "../1.cell/secret", store):
          attempt("get " + name[:30], lambda: ours(name))
      cell.send(b"that was all")
      """;

  @TempDir private Path directory;

  private PythonWorld world(RealRuntime kind) throws Exception {
    return new PythonWorld(directory, kind, Thread.ofPlatform().factory(), TimeSource.system());
  }

  @ParameterizedTest
  @EnumSource(RealRuntime.class)
  void anotherFunctionGetsNothingThoughTheOperatorTellsItAllHeSees(RealRuntime kind)
      throws Exception {
    try (var world = world(kind)) {
      var victim = world.running(VICTIM);
      var attached = world.attached(victim);
      var _ = world.next(attached);
      var token =
          victim.grant().invocation().use(SecretAccess.granted(), HexFormat.of()::formatHex);

      var stored = Files.readAllBytes(storedFile());
      var thief = world.running(THIEF);
      var told = "%s %d %s".formatted(storedFile(), guestPid(), token);
      world.host.send(PythonWorld.shown(thief), told.getBytes(UTF_8));
      var loot = world.attached(thief);
      for (var i = 0; loot.ending().isEmpty() && i < 1000; i++) {
        world.host.tick();
        Thread.sleep(5);
      }

      assertThat(new String(loot.receive(PythonWorld.LONG).orElseThrow().bytes(), UTF_8))
          .isEqualTo("that was all");
      assertThat(attached.ending()).isEmpty();
      assertThat(storedFile()).hasBinaryContent(stored);
    }
  }

  @ParameterizedTest
  @EnumSource(RealRuntime.class)
  void rootReadsAFunctionsMemoryAndOfItsStoreNothing(RealRuntime kind) throws Exception {
    try (var world = world(kind)) {
      var attached = world.attached(world.running(VICTIM));
      var secret = new String(world.next(attached), UTF_8);
      assertThat(Files.readString(storedFile(), ISO_8859_1)).isNotEmpty().doesNotContain(STORED);
      assertThat(writableMemory(guestPid())).contains(secret);
    }
  }

  /** Where the first function's entries are, encrypted. */
  private Path storedFile() {
    return directory.resolve("cells/1.cell/blocks.vault");
  }

  /** The oldest interpreter that this process started, as root sees it. */
  private static long guestPid() throws Exception {
    var parents = new HashSet<Long>();
    var all = ProcessHandle.current().descendants().sorted().collect(Collectors.toList());
    all.forEach(process -> process.parent().ifPresent(parent -> parents.add(parent.pid())));
    return all.stream()
        .map(ProcessHandle::pid)
        .filter(pid -> !parents.contains(pid))
        .findFirst()
        .orElseThrow();
  }

  /** All that a process may write to, but what the kernel maps for itself: proc_pid_maps(5). */
  private static String writableMemory(long pid) throws Exception {
    var process = Path.of("/proc", Long.toString(pid));
    var memory = new StringBuilder();
    try (var file = new RandomAccessFile(process.resolve("mem").toFile(), "r")) {
      for (var line : Files.readAllLines(process.resolve("maps"))) {
        var words = line.split("[- ]", 4);
        if (words[2].startsWith("rw")) {
          var start = Long.parseUnsignedLong(words[0], 16);
          var bytes = new byte[(int) (Long.parseUnsignedLong(words[1], 16) - start)];
          file.seek(start);
          file.readFully(bytes);
          memory.append(new String(bytes, ISO_8859_1));
        }
      }
    }
    return memory.toString();
  }
}
