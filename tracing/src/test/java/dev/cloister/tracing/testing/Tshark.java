package dev.cloister.tracing.testing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;

/** Another reader of captures, which checks every checksum. */
final class Tshark {
  /** Matches a packet with a checksum that is wrong. */
  static final String WRONG_CHECKSUM =
      "ip.checksum.status == 0 || tcp.checksum.status == 0 || udp.checksum.status == 0";

  private Tshark() {}

  /** Counts the packets that a filter lets through. */
  static long count(Path file, String filter) throws IOException, InterruptedException {
    var process =
        new ProcessBuilder(
                "tshark",
                "-n",
                "-o",
                "tcp.check_checksum:TRUE",
                "-o",
                "ip.check_checksum:TRUE",
                "-o",
                "udp.check_checksum:TRUE",
                "-r",
                file.toString(),
                "-T",
                "fields",
                "-e",
                "frame.number",
                "-Y",
                filter)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    process.getOutputStream().close();
    var lines = new String(process.getInputStream().readAllBytes(), UTF_8).lines().count();
    assertThat(process.waitFor()).as("tshark -Y '%s'", filter).isZero();
    return lines;
  }
}
