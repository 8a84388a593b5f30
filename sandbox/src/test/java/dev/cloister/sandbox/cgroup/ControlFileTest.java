package dev.cloister.sandbox.cgroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ControlFileTest {
  @TempDir private Path directory;

  private Path file(String text) throws IOException {
    return Files.writeString(directory.resolve("pids.current"), text);
  }

  @Test
  void whatIsReadIsWhatItSaysNow() throws IOException {
    var path = file("12345\n");
    try (var file = new ControlFile(path)) {
      assertThat(file.read()).isEqualTo("12345");
      file("7\n");
      assertThat(file.read()).isEqualTo("7");
      file("");
      assertThat(file.read()).isEmpty();
    }
  }

  @Test
  void ofALongFileTheHeadIsRead() throws IOException {
    try (var file = new ControlFile(file("first 1\n" + "x".repeat(10_000)))) {
      assertThat(file.read()).hasSize(2048).startsWith("first 1\n");
    }
  }

  @Test
  void anInterruptedThreadReadsOn() throws IOException {
    try (var file = new ControlFile(file("5\n"))) {
      Thread.currentThread().interrupt();
      assertThat(file.read()).isEqualTo("5");
      assertThat(Thread.interrupted()).isTrue();
      assertThat(file.read()).isEqualTo("5");
    }
  }

  @Test
  void closedNumbersAreReadAnewAndClosedAgain() throws IOException {
    var path = file("5\n");
    var numbers = new Numbers(Kernel.Running.INSTANCE);
    assertThat(numbers.in(path)).hasValue(5);
    numbers.close();
    Files.delete(path);
    assertThat(numbers.in(path)).isEmpty();
    numbers.close();
  }

  @Test
  void aClosedFileIsNotRead() throws IOException {
    var file = new ControlFile(file("5\n"));
    file.close();
    assertThatExceptionOfType(IOException.class).isThrownBy(file::read);
  }
}
