package dev.cloister.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.Description;
import dev.cloister.core.policy.Document;
import dev.cloister.core.testing.RequiresProgram;
import dev.cloister.tracing.sink.JsonLines;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the document on appliances tells to do works, line by line. */
@Timeout(180)
final class ApplianceTest {
  private static final int FETCHES = 3;
  private static final String JAVA = "/opt/box/java/bin/java";

  private final Manual manual = Manual.ofAppliances();

  @TempDir private Path directory;

  ApplianceTest() throws IOException {}

  private static String javaProgram(String name) {
    return Path.of(System.getProperty("java.home"), "bin", name).toString();
  }

  private static String said(ProcessBuilder builder) throws IOException {
    var process = builder.redirectErrorStream(true).start();
    process.getOutputStream().close();
    var said = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.onExit().join().exitValue()).as(said).isZero();
    return said;
  }

  /** Compiles the page by the line of the document; returns where its module is. */
  private Path compiled(String modules, String link) throws IOException {
    var pages = manual.blocks("java");
    Files.writeString(directory.resolve("Box.java"), pages.getFirst().replace("LiveLink", link));
    Files.writeString(directory.resolve("module-info.java"), pages.get(1));
    var out = directory.resolve("box");
    var line =
        manual.command("javac").stream()
            .map(word ->
                switch (word) {
                  case "javac" -> javaProgram("javac");
                  case "/opt/box/lib" -> modules;
                  case "/opt/box/lib/box" -> out.toString();
                  default -> word;
                })
            .toList();
    assertThat(said(new ProcessBuilder(line).directory(directory.toFile()))).isEmpty();
    return out;
  }

  /** The launch line, with this machine's places, behind what stands for the unit. */
  private List<String> launch(String modules, Path policy, Path state) {
    var capabilities =
        Stream.of(manual.setting("CapabilityBoundingSet").split(" ", -1))
            .map(name -> "+" + name.substring("CAP_".length()).toLowerCase(Locale.ROOT))
            .collect(Collectors.joining(",", "--bounding-set=-all,", ""));
    assertThat(manual.setting("NoNewPrivileges")).isEqualTo("yes");
    var memory = manual.setting("LimitMEMLOCK").replace("M", "");
    var line =
        new ArrayList<>(
            List.of(
                "prlimit",
                "--core=" + manual.setting("LimitCORE"),
                "--memlock=" + (Long.parseLong(memory) << 20),
                "setpriv",
                "--no-new-privs",
                capabilities,
                "sh",
                "-c",
                "umask " + manual.setting("UMask") + " && exec \"$@\"",
                "sh"));
    manual.command("java").stream()
        .map(word ->
            word.replace(JAVA, javaProgram("java"))
                .replace("/opt/box/lib:/opt/box/lib/box", modules)
                .replace("/etc/box/policy.yaml", policy.toString())
                .replace("/var/lib/box", state.toString()))
        .forEach(line::add);
    return line;
  }

  @ParameterizedTest
  @ValueSource(strings = {"LiveLink", "PortableLink"})
  @RequiresProgram(
      value = {"ip", "python3", "curl", "socat", "setpriv", "prlimit", "sh", "tcpdump"},
      root = true)
  void thePageTracesALinkAndPushesToItsCollector(String link) throws IOException {
    try (var network = Loopback.in(directory);
        var others = Others.beside(network, directory)) {
      var modules =
          network.readableModules().stream()
              .map(Path::toString)
              .collect(Collectors.joining(File.pathSeparator));
      var box = compiled(modules, link);
      network.letEverybodyRead(box);
      var policy = Files.copy(Path.of("policies", "http.yaml"), directory.resolve("policy.yaml"));
      var state = Files.createDirectory(directory.resolve("state"));
      network.letEverybodyRead(state);
      var watch = others.watch();

      var process = network.start(launch(modules + File.pathSeparator + box, policy, state));
      var output = state.resolve("out");
      network.await(process, () -> network.saysOnOutput("management-processor"));
      others.fetch(FETCHES);
      network.await(process, () -> records(output) == FETCHES);
      var key = publicKey(output);
      var first = Files.readAllLines(output.resolve(JsonLines.HEARTBEATS)).getFirst();
      process.getOutputStream().write('\n');
      process.getOutputStream().flush();
      assertThat(process.onExit().join().exitValue()).as(network.complaints()).isZero();

      assertThat(watch.onExit().join().exitValue()).isZero();
      assertThat(others.watched()).isEqualTo("valid\n");
      var verified =
          Run.of(
              new Verify(),
              "--in=" + output,
              "--key=" + key,
              "--head=0:" + Description.sha256Hex(first.getBytes(UTF_8)));
      assertThat(verified.out()).isEqualTo("valid\n");
      assertThat(state.resolve("spill")).isEmptyDirectory();
    }
  }

  private static long records(Path output) throws IOException {
    try (var lines = Files.lines(output.resolve(JsonLines.TRACE))) {
      return lines.count() - 1;
    }
  }

  private static String publicKey(Path output) throws IOException {
    var header = Files.readAllLines(output.resolve(JsonLines.TRACE)).getFirst();
    return Document.parse("header.json", header).root().required("publicKey").text();
  }

  /** Flags are what stands before the module path. */
  private static List<String> flags(List<String> command) {
    return command.stream().takeWhile(word -> !word.equals("--module-path")).skip(1).toList();
  }

  @Test
  void theFlagsAreThoseOfTheExamples() throws IOException {
    var build = Files.readString(Path.of("pom.xml"));
    var begin = build.indexOf("<commandlineArgs>") + "<commandlineArgs>".length();
    var line = build.substring(begin, build.indexOf("</commandlineArgs>"));
    var flags = flags(manual.command("java"));
    assertThat(flags).isEqualTo(flags(Manual.words("java " + line))).isNotEmpty();
    assertThat(flags(Manual.words(manual.setting("ExecStart")))).isEqualTo(flags);
    assertThat(flags).allMatch(flag -> manual.text().contains("| `" + flag + "` |"));
  }

  @Test
  @RequiresProgram("systemd-analyze")
  void systemdHasNoComplaintOfTheUnits() throws IOException {
    var units = manual.blocks("ini");
    var service = directory.resolve("box.service");
    var socket = directory.resolve("box.socket");
    Files.writeString(service, units.getFirst().replace(JAVA, javaProgram("java")));
    Files.writeString(socket, units.get(1));
    assertThat(verified(service, socket)).isEmpty();
    Files.writeString(service, Files.readString(service).replace("PrivateTmp=", "PrivateTemp="));
    assertThat(verified(service, socket)).contains("PrivateTemp");
  }

  private static String verified(Path... units) throws IOException {
    var command =
        new ArrayList<>(List.of("systemd-analyze", "verify", "--man=no", "--recursive-errors=no"));
    Stream.of(units).map(Path::toString).forEach(command::add);
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    return new String(process.getInputStream().readAllBytes(), UTF_8);
  }

  /** By the kernel's own switch, which systemd's filter stands for; it is prctl(2)'s 65. */
  @Test
  @RequiresProgram("python3")
  void memoryThatMayNotBeMadeExecutableIsInTheWay() throws IOException {
    var program =
        """
        import ctypes, os, sys
        if ctypes.CDLL(None).prctl(65, 1, 0, 0, 0) != 0:
            sys.exit("refused")
        os.execv(sys.argv[1], [sys.argv[1], "-version"])
        """;
    var builder = new ProcessBuilder("/usr/bin/python3", "-c", program, javaProgram("java"));
    var process = builder.redirectErrorStream(true).start();
    var said = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.onExit().join().exitValue()).isOne();
    assertThat(said).contains("Failed to mark memory page as executable");
    assertThat(manual.text()).contains("Failed to mark memory page as executable");
  }

  static List<String> checks() throws IOException {
    var checks = Manual.ofAppliances().checks();
    assertThat(checks).hasSizeGreaterThan(10);
    return checks;
  }

  @ParameterizedTest
  @MethodSource("checks")
  @RequiresProgram("sh")
  void aCheckAnswersOrItsFileIsNotThere(String check) throws IOException {
    var process = new ProcessBuilder("sh", "-c", check).redirectErrorStream(true).start();
    var said = new String(process.getInputStream().readAllBytes(), UTF_8);
    var exit = process.onExit().join().exitValue();
    assertThat(exit == 0 || said.contains("No such file")).as(said).isTrue();
  }
}
