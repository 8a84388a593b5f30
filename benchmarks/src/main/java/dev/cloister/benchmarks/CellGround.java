package dev.cloister.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cloister.core.Description;
import dev.cloister.core.policy.Manifest;
import dev.cloister.core.policy.NodePolicy;
import dev.cloister.core.policy.Resource;
import dev.cloister.core.policy.ResourceLimits;
import dev.cloister.core.posture.Guarantees;
import dev.cloister.core.token.TokenLimits;
import dev.cloister.sandbox.guest.PythonGuest;
import dev.cloister.sandbox.host.CellHost;
import dev.cloister.sandbox.image.Image;
import dev.cloister.sandbox.image.ImageCatalog;
import dev.cloister.sandbox.runtime.FunctionRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** What measured cells stand on: a directory, the shipped image for Python, and their papers. */
final class CellGround implements AutoCloseable {
  private static final String NAME = "python";
  private static final String API = "receive, poll, send, store, random, time, exit";

  private static final ResourceLimits LIMITS =
      ResourceLimits.none()
          .with(Resource.CPU_SECONDS, "86400")
          .with(Resource.CPU_SHARE, "1")
          .with(Resource.WALL_SECONDS, "86400")
          .with(Resource.MEMORY_BYTES, "268435456")
          .with(Resource.PROCESSES, "32")
          .with(Resource.OPEN_FILES, "64")
          .with(Resource.DISK_BYTES, "67108864")
          .with(Resource.BYTES_IN, 1L << 48)
          .with(Resource.BYTES_OUT, 1L << 48);

  /** The most that one cell may have. */
  static final long MEMORY_BYTES_MAX = 1L << 30;

  private static final ResourceLimits MOST = LIMITS.with(Resource.MEMORY_BYTES, MEMORY_BYTES_MAX);
  private static final ResourceLimits TOTAL = MOST.plus(MOST).plus(MOST);

  private final Path directory;
  private final ImageCatalog images;
  private final ExecutorService tasks =
      Executors.newThreadPerTaskExecutor(Executors.defaultThreadFactory());
  private int hosts;

  private CellGround(Path directory, ImageCatalog images) {
    this.directory = directory;
    this.images = images;
  }

  static CellGround open() throws IOException {
    var directory =
        Files.createTempDirectory(
            "cloister-cells-",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
    var catalog = Files.createDirectory(directory.resolve("images"));
    var image = Files.createDirectory(catalog.resolve(NAME));
    PythonGuest.install(image);
    PythonGuest.compile(image, BareProgram.PYTHON);
    return new CellGround(directory, ImageCatalog.in(catalog));
  }

  Image image() throws IOException {
    return images.find(NAME).orElseThrow();
  }

  ExecutorService tasks() {
    return tasks;
  }

  static ResourceLimits limits() {
    return LIMITS;
  }

  static byte[] code(String source) {
    return source.getBytes(UTF_8);
  }

  /** A host that takes the machine as it is, with room for the nonces of a million calls. */
  CellHost host(FunctionRuntime runtime) throws IOException {
    return host(runtime, API, "reject *:*");
  }

  /** The same, that gives other calls and another network. */
  CellHost host(FunctionRuntime runtime, String api, String network) throws IOException {
    return CellHost.under(
            NodePolicy.parse(
                "policy",
                """
                version: 1
                images: [python]
                api: [%s]
                network: ["%s"]
                perFunction: %s
                total: %s
                """
                    .formatted(api, network, MOST, TOTAL)))
        .images(images)
        .runtimes(runtime)
        .directory(directory.resolve("cells-" + hosts++))
        .executor(tasks)
        .guarantees(whatIsHad())
        .tokens(TokenLimits.defaults().noncesPerGrant(TokenLimits.NONCES_DEFAULT))
        .open();
  }

  private static Guarantees whatIsHad() {
    return Guarantees.cell().acceptAll("a measurement");
  }

  static Manifest manifest(byte[] code, ResourceLimits limits) {
    return manifest(code, API, limits);
  }

  /** The same, for a function that needs other calls. */
  static Manifest manifest(byte[] code, String api, ResourceLimits limits) {
    return Manifest.parse(
        "manifest",
        """
        name: measured
        codeDigest: %s
        image: python
        api: [%s]
        limits: %s
        """
            .formatted(Description.sha256Hex(code), api, limits));
  }

  @Override
  public void close() throws IOException {
    tasks.close();
    images.close();
    try (var files = Files.walk(directory)) {
      for (var file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.delete(file);
      }
    }
  }
}
