package dev.cloister.tracing.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cloister.tracing.capture.Frame;
import dev.cloister.tracing.capture.FrameHandler;
import dev.cloister.tracing.capture.PacketSource;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * What every {@link PacketSource} does that gives frames which are there already, the fake and the
 * real one; extend it in a test of yours. A source that waits for frames passes it when the frames
 * have come before it is polled.
 */
public abstract class PacketSourceContract {
  private static final int ETHERNET = 1;

  /** For subclasses. */
  protected PacketSourceContract() {}

  /**
   * Opens the source under test.
   *
   * @param frames Ethernet frames, all of which it has captured whole, perhaps none
   * @return a source that the contract closes
   * @throws IOException when it cannot be made
   */
  protected abstract PacketSource open(List<byte[]> frames) throws IOException;

  /**
   * Tells whether the end of the source under test is a damage, as the removal of a link is, which
   * has no other unless it is stopped.
   *
   * @return false unless overridden
   */
  protected boolean endsDamaged() {
    return false;
  }

  /** Frames of many sizes, told apart by their bytes. */
  private static List<byte[]> frames(int count) {
    var random = new Random(count);
    var frames = new ArrayList<byte[]>();
    for (var i = 0; i < count; i++) {
      var frame = new byte[i == 0 ? 65_535 : 14 + random.nextInt(1500)];
      random.nextBytes(frame);
      frames.add(frame);
    }
    return frames;
  }

  private static byte[] copy(Frame frame) {
    return Arrays.copyOfRange(frame.bytes(), frame.offset(), frame.offset() + frame.length());
  }

  private static void assertSame(List<byte[]> expected, List<byte[]> given) {
    assertEquals(expected.size(), given.size(), "how many frames came");
    for (var i = 0; i < given.size(); i++) {
      assertArrayEquals(expected.get(i), given.get(i), "frame " + i);
    }
  }

  /** Polls until there will be none any more, or none came for long; fails where that is said. */
  private static void pollAll(PacketSource source, FrameHandler handler, int most)
      throws IOException {
    var given = 0;
    for (var idle = 0; given >= 0; idle = given == 0 ? idle + 1 : 0) {
      assertTrue(idle < 100_000, "the source gives no frame, and does not say that it has ended");
      given = source.poll(handler, most);
    }
  }

  @Test
  final void framesComeInOrderAndWhole() throws IOException {
    var frames = frames(300);
    var given = new ArrayList<byte[]>();
    try (var source = open(frames)) {
      pollAll(
          source,
          frame -> {
            assertEquals(frame.length(), frame.wireLength());
            assertEquals(ETHERNET, frame.linkType());
            given.add(copy(frame));
          },
          256);
    }
    assertSame(frames, given);
  }

  @Test
  final void timesDoNotGoBack() throws IOException {
    var times = new ArrayList<Long>();
    try (var source = open(frames(50))) {
      pollAll(source, frame -> times.add(frame.timeNanos()), 256);
    }
    assertEquals(times.stream().sorted().toList(), times);
  }

  @Test
  final void noMoreComeThanWereAskedFor() throws IOException {
    var frames = frames(20);
    var given = new ArrayList<byte[]>();
    try (var source = open(frames)) {
      for (var most = 1; given.size() + most <= frames.size(); most++) {
        var before = given.size();
        var answer = source.poll(frame -> given.add(copy(frame)), most);
        assertTrue(answer <= most, "more came than were asked for");
        assertEquals(given.size() - before, answer, "the answer is how many came");
      }
      pollAll(source, frame -> given.add(copy(frame)), 1);
    }
    assertSame(frames, given);
  }

  @Test
  final void afterTheLastThereIsNoneAnyMore() throws IOException {
    try (var source = open(frames(2))) {
      pollAll(source, _ -> {}, 256);
      assertEquals(-1, source.poll(_ -> {}, 256));
      assertEquals(-1, source.poll(_ -> {}, 1));
      assertEquals(endsDamaged(), source.damage().isPresent());
    }
  }

  @Test
  final void aSourceMayHaveNothing() throws IOException {
    try (var source = open(List.of())) {
      assertEquals(-1, source.poll(_ -> {}, 256));
      assertEquals(endsDamaged(), source.damage().isPresent());
    }
  }

  @Test
  final void afterStopNoFrameComes() throws IOException {
    var given = new ArrayList<byte[]>();
    var frames = frames(10);
    try (var source = open(frames)) {
      source.poll(
          frame -> {
            given.add(copy(frame));
            source.stop();
          },
          10);
      assertEquals(-1, source.poll(frame -> given.add(copy(frame)), 10));
    }
    assertSame(frames.subList(0, 1), given);
  }

  @Test
  final void aFrameComesOnceAlthoughItsHandlerThrew() throws IOException {
    var frames = frames(10);
    var given = new ArrayList<byte[]>();
    try (var source = open(frames)) {
      FrameHandler failing =
          frame -> {
            given.add(copy(frame));
            throw new IllegalStateException("as the contract wants");
          };
      assertThrows(IllegalStateException.class, () -> source.poll(failing, 10));
      pollAll(source, frame -> given.add(copy(frame)), 10);
    }
    assertSame(frames, given);
  }

  @Test
  final void itTellsHowFarItWasRead() throws IOException {
    try (var source = open(frames(50))) {
      var before = source.bytesRead();
      while (source.poll(_ -> {}, 7) >= 0) {
        assertTrue(source.bytesRead() >= before, "what was read does not become less");
        before = source.bytesRead();
      }
      if (source.bytesTotal() > 0) {
        assertEquals(source.bytesTotal(), source.bytesRead());
      }
    }
  }

  @Test
  final void closingTwiceIsClosingOnce() throws IOException {
    var source = open(frames(3));
    source.poll(_ -> {}, 1);
    source.close();
    source.close();
  }
}
