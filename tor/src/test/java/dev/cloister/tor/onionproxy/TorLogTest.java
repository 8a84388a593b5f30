package dev.cloister.tor.onionproxy;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import org.junit.jupiter.api.Test;

/** How far a tor has come, by what it says. */
final class TorLogTest {

  @Test
  void itTellsHowFarItsTorHasComeAndWhatItSaidLast() throws IOException {
    try (var out = new PipedOutputStream();
        var in = new PipedInputStream(out)) {
      var log = new TorLog(in);
      log.read();
      assertThat(log.percent()).isZero();
      assertThat(log.last()).isEmpty();
      out.write(
          "[notice] Bootstrapped 45% (requesting_descriptors): Ask\n[notice] x".getBytes(US_ASCII));
      log.read();
      assertThat(log.percent()).isEqualTo(45);
      assertThat(log.last()).contains("45%");
      out.write("y\nBootstrapped 100% (done): Done\n".getBytes(US_ASCII));
      log.read();
      assertThat(log.percent()).isEqualTo(100);
    }
  }

  @Test
  void aLineWithoutEndIsKeptToABound() {
    var log = new TorLog(new ByteArrayInputStream(("x".repeat(5000) + "\n").getBytes(US_ASCII)));
    log.read();
    assertThat(log.last()).hasSize(1000);
  }
}
