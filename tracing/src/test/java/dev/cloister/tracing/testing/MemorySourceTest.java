package dev.cloister.tracing.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.Mode;
import dev.cloister.tracing.capture.PacketSource;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The contract, and what the fake alone does. */
final class MemorySourceTest extends PacketSourceContract {
  @Override
  protected PacketSource open(List<byte[]> frames) {
    return MemorySource.of(frames).open();
  }

  @Test
  void aViewIsPoisonedWhenItsCallbackHasReturned() throws IOException {
    var kept = new ArrayList<byte[]>();
    try (var source = open(List.of(new byte[] {1, 2, 3}))) {
      source.poll(frame -> kept.add(frame.bytes()), 1);
    }
    assertThat(kept).containsExactly(new byte[] {(byte) 0xde, (byte) 0xde, (byte) 0xde});
  }

  @Test
  void itsFramesStayAsTheyAre() throws IOException {
    var frame = new byte[] {1, 2, 3};
    try (var source = open(List.of(frame))) {
      source.poll(view -> Arrays.fill(view.bytes(), (byte) 9), 1);
    }
    assertThat(frame).containsExactly(1, 2, 3);
  }

  @Test
  void framesAreAMillisecondApart() throws IOException {
    var times = new ArrayList<Long>();
    try (var source = new MemorySource(List.of(new byte[1], new byte[1]), 5).open()) {
      source.poll(frame -> times.add(frame.timeNanos()), 2);
    }
    assertThat(times).containsExactly(5L, 1_000_005L);
  }

  @Test
  void itIsForLabsAlone() {
    assertThat(MemorySource.of(List.of()).runsIn(Mode.LAB)).isTrue();
    assertThat(MemorySource.of(List.of()).runsIn(Mode.SEALED)).isFalse();
  }
}
