package dev.cloister.tracing.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.cloister.core.context.ContextPlan;
import dev.cloister.core.context.SealedContext;
import dev.cloister.core.posture.Guarantees;
import dev.cloister.core.testing.FakePolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk that is full fails the push: what came before it is in the file, and nobody is fooled. */
final class FullDiskTest {
  private static final int DISK_BYTES = 64 << 10;

  @TempDir private Path disk;

  @BeforeEach
  void mount() throws IOException, InterruptedException {
    var isMounted = isDone("mount", "-t", "tmpfs", "-o", "size=" + DISK_BYTES, "tmpfs", disk + "");
    assumeTrue(isMounted, "a small disk needs root and mount");
  }

  @AfterEach
  void unmount() throws IOException, InterruptedException {
    isDone("umount", "-l", disk + "");
  }

  private static boolean isDone(String... command) throws IOException, InterruptedException {
    var process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    return process.waitFor() == 0;
  }

  @Test
  void aPushThatDoesNotFitFailsAndWhatCameBeforeStaysWhole() throws IOException {
    try (var context = seal();
        var batch = context.releases().batch()) {
      batch.add(new FakePolicy.Line("before"));
      context.publish(batch.take());
      batch.add(new FakePolicy.Line("x".repeat(2 * DISK_BYTES)));
      var large = batch.take();
      assertThatIOException().isThrownBy(() -> context.publish(large));
    }
    assertThat(Files.readString(disk.resolve("out").resolve(JsonLines.TRACE)))
        .startsWith("header ")
        .contains("\nbefore\n");
  }

  private SealedContext seal() throws IOException {
    return ContextPlan.named("test", Guarantees.lab())
        .parse(FakePolicy.lines())
        .release(FakePolicy.keepingLines())
        .egress(JsonLines.to(disk.resolve("out")))
        .seal();
  }
}
