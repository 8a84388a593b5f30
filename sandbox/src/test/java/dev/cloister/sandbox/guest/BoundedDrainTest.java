package dev.cloister.sandbox.guest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class BoundedDrainTest {
  private static BoundedDrain drained(byte[] bytes, int kept) {
    var drain = new BoundedDrain(new ByteArrayInputStream(bytes), kept);
    drain.run();
    return drain;
  }

  @ParameterizedTest
  @CsvSource({"'', 4, ''", "abc, 4, abc", "abcd, 4, abcd", "abcdefghi, 4, fghi", "ab, 1, b"})
  void theLastBytesAreKeptAndAllAreCounted(String written, int kept, String text) {
    var drain = drained(written.getBytes(UTF_8), kept);
    assertThat(drain.text()).isEqualTo(text);
    assertThat(drain.bytes()).isEqualTo(written.length());
  }

  @Test
  void aFloodKeepsNoMoreThanTold() {
    var flood = new byte[1 << 20];
    Arrays.fill(flood, (byte) 'x');
    flood[flood.length - 1] = 'y';
    assertThat(drained(flood, 100).text()).isEqualTo("x".repeat(99) + "y");
  }

  @Test
  void noControlSequenceReachesATerminal() {
    assertThat(drained("a\n\tb\033[31m\r\u202ec\0".getBytes(UTF_8), 100).text())
        .isEqualTo("a\n\tb?[31m??c?");
  }

  @Test
  void aStreamThatFailsHasEnded() throws IOException {
    var closed = InputStream.nullInputStream();
    closed.close();
    var drain = new BoundedDrain(closed, 1);
    drain.run();
    assertThat(drain.bytes()).isZero();
  }
}
