package dev.cloister.tracing.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cloister.core.Description;
import dev.cloister.core.context.ContextPlan;
import dev.cloister.core.context.SealedContext;
import dev.cloister.core.gate.Declaration;
import dev.cloister.core.gate.Egress;
import dev.cloister.core.posture.Guarantees;
import dev.cloister.core.testing.EgressContract;
import dev.cloister.core.testing.FakePolicy;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contract of every way out, and what a directory alone does. */
final class JsonLinesTest extends EgressContract {
  @TempDir private Path parent;

  private Path directory() {
    return parent.resolve("made/here");
  }

  private Path file(String name) {
    return directory().resolve(name);
  }

  @Override
  protected Declaration<Egress> egress() {
    return JsonLines.to(directory());
  }

  @Override
  protected String linesSent() throws IOException {
    return Files.readString(file(JsonLines.TRACE));
  }

  @Override
  protected List<String> heartbeatsSent() throws IOException {
    return Files.readAllLines(file(JsonLines.HEARTBEATS));
  }

  private SealedContext seal() throws IOException {
    return ContextPlan.named("test", Guarantees.lab())
        .parse(FakePolicy.lines())
        .release(FakePolicy.keepingLines())
        .egress(JsonLines.to(directory()))
        .seal();
  }

  @Test
  void aTraceBeginsWithItsHeaderAndEndsWithAHeartbeat() throws IOException {
    try (var context = seal();
        var batch = context.releases().batch()) {
      batch.add(new FakePolicy.Line("a line"));
      context.publish(batch.take());
    }
    assertThat(linesSent()).startsWith("header ").endsWith("\na line\n");
    assertThat(linesSent().lines()).hasSize(2);
    assertThat(heartbeatsSent()).hasSizeGreaterThanOrEqualTo(2);
  }

  @Test
  void anEarlierTraceIsNotTouchedAndTheRemedyIsNamed() throws IOException {
    Files.createDirectories(directory());
    Files.writeString(file(JsonLines.TRACE), "earlier\n");
    assertThatExceptionOfType(FileAlreadyExistsException.class)
        .isThrownBy(this::seal)
        .withMessage(
            file(JsonLines.TRACE) + ": it holds an earlier output: choose another directory");
    assertThat(linesSent()).isEqualTo("earlier\n");
    assertThat(file(JsonLines.HEARTBEATS)).doesNotExist();
  }

  @Test
  void earlierHeartbeatsAreNotTouchedAndNoTraceIsLeftBesideThem() throws IOException {
    Files.createDirectories(directory());
    Files.writeString(file(JsonLines.HEARTBEATS), "earlier\n");
    assertThatExceptionOfType(FileAlreadyExistsException.class).isThrownBy(this::seal);
    assertThat(heartbeatsSent()).containsExactly("earlier");
    assertThat(file(JsonLines.TRACE)).doesNotExist();
  }

  @Test
  void aLinkIsNotFollowed() throws IOException {
    Files.createDirectories(directory());
    var elsewhere = parent.resolve("elsewhere");
    Files.createSymbolicLink(file(JsonLines.TRACE), elsewhere);
    assertThatExceptionOfType(FileAlreadyExistsException.class).isThrownBy(this::seal);
    assertThat(elsewhere).doesNotExist();
  }

  @Test
  void aDirectoryThatCannotBeMadeFailsTheSeal() throws IOException {
    Files.writeString(parent.resolve("made"), "a file");
    assertThatExceptionOfType(IOException.class).isThrownBy(this::seal);
  }

  @Test
  void whereItWritesIsNotMeasured() {
    assertThat(JsonLines.to(Path.of("here")).name()).isEqualTo("json-lines");
    assertThat(described("here")).isEqualTo(described("there")).doesNotContain("here");
  }

  private static String described(String directory) {
    var description = new Description();
    JsonLines.to(Path.of(directory)).describe(description);
    return description.text();
  }
}
