package dev.cloister.sandbox.host;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.Description;
import dev.cloister.core.TimeSource;
import dev.cloister.core.policy.Manifest;
import dev.cloister.core.policy.NodePolicy;
import dev.cloister.core.posture.Guarantees;
import dev.cloister.core.testing.RequiresProgram;
import dev.cloister.sandbox.guest.JavaScriptGuest;
import dev.cloister.sandbox.guest.WebAssemblyGuest;
import dev.cloister.sandbox.host.RealRuntime.Opened;
import dev.cloister.sandbox.image.ImageCatalog;
import dev.cloister.sandbox.runtime.Ending;
import dev.cloister.sandbox.runtime.FunctionRuntime;
import dev.cloister.sandbox.runtime.spawned.PythonFunctions;
import dev.cloister.sandbox.runtime.wasm.WasmRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The sample functions: of the same inputs each makes the same outputs, whatever runs it. */
@RequiresProgram(
    value = {"python3", "bwrap", "ip", "nft"},
    root = true)
final class SampleFunctionsTest {
  private static final Path FUNCTIONS = Path.of("..", "examples", "functions");

  @TempDir private Path directory;
  private final ExecutorService executor =
      Executors.newThreadPerTaskExecutor(Executors.defaultThreadFactory());
  private final ScriptedServer server = ScriptedServer.plain();

  /** Compiled once: it is most of what a test would take. */
  private static final FunctionRuntime WASM =
      WasmRuntime.create(Thread.ofPlatform().stackSize(WasmRuntime.STACK_BYTES).factory());

  /** What a sample is written in, and what it is run by. */
  enum Language {
    PYTHON("python", ".py") {
      @Override
      Opened open() throws IOException {
        return RealRuntime.PROCESS.open();
      }
    },
    PYTHON_IN_A_CONTAINER("python", ".py") {
      @Override
      Opened open() throws IOException {
        return RealRuntime.CONTAINER.open();
      }
    },
    JAVASCRIPT("javascript", ".js") {
      @Override
      Opened open() {
        return new Opened(WASM, () -> {});
      }
    },
    C_AS_WEBASSEMBLY("webassembly", ".wasm") {
      @Override
      Opened open() {
        return new Opened(WASM, () -> {});
      }
    };

    final String image;
    final String suffix;

    Language(String image, String suffix) {
      this.image = image;
      this.suffix = suffix;
    }

    abstract Opened open() throws IOException;
  }

  /** A function, what it receives, and what it sends. */
  enum Sample {
    ECHO("echo") {
      @Override
      List<String> inputs(int port) {
        return List.of("one", "", "two words", "\u00e9\u4e16\ud83d\ude42", "x".repeat(100_000));
      }

      @Override
      List<String> outputs() {
        var inputs = inputs(0);
        return Stream.iterate(0, i -> i < inputs.size(), i -> i + 1)
            .map(i -> (i + 1) + " " + inputs.get(i))
            .toList();
      }
    },
    WORDS("words") {
      @Override
      List<String> inputs(int port) {
        return List.of(
            "The cat and the d",
            "og\nand THE",
            " bird ",
            "\u00c9t\u00e9 \u00e9t\u00e9",
            "",
            " and");
      }

      @Override
      List<String> outputs() {
        return List.of(
            "3 and", "3 the", "1 bird", "1 cat", "1 dog", "1 \u00c9t\u00e9", "1 \u00e9t\u00e9");
      }
    },
    TITLES("titles") {
      @Override
      List<String> inputs(int port) {
        return List.of(
            "http://127.0.0.1:" + port + "/",
            "http://127.0.0.1:" + port + "/missing",
            "http://127.0.0.2:" + port + "/");
      }

      @Override
      List<String> outputs() {
        return List.of("200 text/html A page \u00e9", "404 - -", "refused network");
      }
    };

    final String function;

    Sample(String function) {
      this.function = function;
    }

    abstract List<String> inputs(int port);

    abstract List<String> outputs();
  }

  static Stream<Arguments> all() {
    return Stream.of(Sample.values())
        .flatMap(
            sample -> Stream.of(Language.values()).map(language -> Arguments.of(sample, language)));
  }

  @BeforeEach
  void openTheServer() throws IOException {
    server.open();
    var page = "<html><title>A page \u00c3\u00a9</title></html>";
    server.answer(
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: "
            + page.length()
            + "\r\n\r\n"
            + page);
    server.answer("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
  }

  @AfterEach
  void closeTheServer() throws Exception {
    executor.close();
    server.close();
  }

  private ImageCatalog images() throws IOException {
    PythonFunctions.image(directory);
    var images = directory.resolve("images");
    JavaScriptGuest.install(Files.createDirectory(images.resolve("javascript")));
    WebAssemblyGuest.install(Files.createDirectory(images.resolve("webassembly")));
    return ImageCatalog.in(images);
  }

  private NodePolicy policy() {
    return NodePolicy.parse(
        "policy.yaml",
        """
        version: 1
        images: [python, javascript, webassembly]
        api: [receive, send, store, fetch]
        network: [accept 127.0.0.1:%d]
        perFunction: {cpuSeconds: 60, cpuShare: 2, wallSeconds: 600, memoryBytes: 67108864,
          processes: 4, openFiles: 64, diskBytes: 1000000, bytesIn: 1000000, bytesOut: 1000000}
        """
            .formatted(server.port()));
  }

  private Manifest manifest(byte[] code, String image) {
    return Manifest.parse(
        "manifest.yaml",
        """
        name: sample
        codeDigest: %s
        image: %s
        api: [receive, send, store, fetch]
        network: [accept 127.0.0.1:%d]
        """
            .formatted(Description.sha256Hex(code), image, server.port()));
  }

  @ParameterizedTest
  @MethodSource("all")
  void theSameInputsGiveTheSameOutputs(Sample sample, Language language) throws Exception {
    var code = Files.readAllBytes(FUNCTIONS.resolve(sample.function + language.suffix));
    var opened = language.open();
    try (var catalog = images();
        var _ = opened.closing();
        var host =
            CellHost.under(policy())
                .images(catalog)
                .runtimes(opened.runtime())
                .directory(directory.resolve("cells"))
                .executor(executor)
                .guarantees(Guarantees.lab())
                .time(TimeSource.system())
                .open()) {
      var cell = host.start(manifest(code, language.image));
      var attachment = host.attach(PythonWorld.shown(cell), -1);
      host.load(PythonWorld.shown(cell), code, new byte[0]);
      for (var input : sample.inputs(server.port())) {
        host.send(PythonWorld.shown(cell), input.getBytes(UTF_8));
      }
      host.endInput(PythonWorld.shown(cell));
      assertThat(outputs(host, attachment)).isEqualTo(sample.outputs());
      assertThat(attachment.ending()).contains(Ending.exited(0));
    }
  }

  /** Ticks until the function has ended and all that it sent is read. */
  private static List<String> outputs(CellHost host, Attachment attachment) throws Exception {
    var outputs = new ArrayList<String>();
    var giveUp = System.nanoTime() + PythonWorld.LONG.toNanos();
    while (!attachment.isAtEnd() || attachment.ending().isEmpty()) {
      assertThat(System.nanoTime()).as("%s %s", outputs, attachment.ending()).isLessThan(giveUp);
      host.tick();
      var message = attachment.receive(Duration.ofMillis(5));
      message.ifPresent(each -> {
        outputs.add(new String(each.bytes(), UTF_8));
        attachment.acknowledge(each.number());
      });
    }
    return outputs;
  }

  @Test
  @RequiresProgram({"clang-14", "wasm-ld-14"})
  void theModulesAreWhatTheirSourcesGive() throws Exception {
    var build =
        new ProcessBuilder(FUNCTIONS.resolve("build.sh").toString(), directory.toString())
            .inheritIO()
            .start();
    assertThat(build.waitFor()).isZero();
    for (var sample : Sample.values()) {
      var module = sample.function + ".wasm";
      assertThat(directory.resolve(module)).hasSameBinaryContentAs(FUNCTIONS.resolve(module));
    }
  }
}
