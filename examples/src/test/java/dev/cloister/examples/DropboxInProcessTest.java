package dev.cloister.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cloister.core.Denied;
import dev.cloister.core.policy.NodePolicy;
import dev.cloister.core.posture.Guarantees;
import dev.cloister.sandbox.guest.JavaScriptGuest;
import dev.cloister.sandbox.host.CellHost;
import dev.cloister.sandbox.host.HostCounter;
import dev.cloister.sandbox.host.Shown;
import dev.cloister.sandbox.image.ImageCatalog;
import dev.cloister.sandbox.runtime.wasm.WasmRuntime;
import dev.cloister.tor.function.Dropbox;
import dev.cloister.tor.function.DropboxBounds;
import dev.cloister.tor.function.LocalFunction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Dropbox in JavaScript, where a host runs functions within its own process. */
final class DropboxInProcessTest {
  private static final Duration LONG = Duration.ofSeconds(60);

  private static final String POLICY =
      """
      version: 1
      images: [javascript]
      api: [receive, send, store, time]
      perFunction: {cpuSeconds: 60, cpuShare: 2, wallSeconds: 600, memoryBytes: 67108864,
        processes: 1, openFiles: 16, diskBytes: 20000000, bytesIn: 50000000, bytesOut: 50000000}
      lifetime: 600
      """;

  @TempDir private Path directory;

  private static void isRefused(Dropbox box) {
    assertThatExceptionOfType(Denied.class)
        .isThrownBy(() -> box.get(1 << 30, LONG))
        .withMessage("dropbox: there is nothing here for this grant now");
  }

  private static void tickUntilGone(CellHost host) throws IOException, InterruptedException {
    var giveUp = System.nanoTime() + LONG.toNanos();
    while (host.ledger().tally(HostCounter.LIVING).get() > 0) {
      assertThat(System.nanoTime()).isLessThan(giveUp);
      Thread.sleep(Duration.ofNanos(Math.clamp(host.tick(), 1, 5_000_000)));
    }
  }

  @Test
  void itGivesOutWhatWasPutAsOftenAsItsCountAndIsGone() throws Exception {
    var catalog = Files.createDirectory(directory.resolve("images"));
    JavaScriptGuest.install(Files.createDirectory(catalog.resolve("javascript")));
    var threads = Thread.ofPlatform().stackSize(WasmRuntime.STACK_BYTES).factory();
    try (var executor = Executors.newThreadPerTaskExecutor(Executors.defaultThreadFactory());
        var images = ImageCatalog.in(catalog);
        var host =
            CellHost.under(NodePolicy.parse("policy.yaml", POLICY))
                .images(images)
                .runtimes(WasmRuntime.create(threads))
                .directory(directory.resolve("cells"))
                .executor(executor)
                .guarantees(Guarantees.lab())
                .open()) {
      var cell = host.start(Dropbox.manifestInJavaScript("javascript", 4 << 20));
      var token = cell.grant().invocation();
      var bounds = new DropboxBounds(2, 1 << 30, Duration.ofMinutes(5));
      host.load(Shown.now(token), Dropbox.codeInJavaScript(), Dropbox.data(bounds));
      var box = Dropbox.over(LocalFunction.in(host, token));
      isRefused(box);
      var content = new byte[Dropbox.PIECE_BYTES + 5];
      new Random(3).nextBytes(content);
      box.put(content, LONG);
      for (var i = 0; i < bounds.reads(); i++) {
        assertThat(box.get(content.length, LONG)).isEqualTo(content);
      }
      isRefused(box);
      tickUntilGone(host);
      isRefused(box);
    }
  }
}
