package dev.cloister.tracing.capture;

import dev.cloister.tracing.capture.PacketSource.Damage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * All that a file gave.
 *
 * @param frames in order
 * @param damage where it ended too early, if it did
 */
record Taken(List<Copy> frames, Optional<Damage> damage) {

  /**
   * What a frame said of itself before its callback returned.
   *
   * @param hex its bytes
   * @param wireLength how long it was on the wire
   * @param linkType what it begins with
   * @param timeNanos when it was captured
   */
  record Copy(String hex, int wireLength, int linkType, long timeNanos) {

    static Copy whole(byte[] bytes, int linkType, long timeNanos) {
      return new Copy(HexFormat.of().formatHex(bytes), bytes.length, linkType, timeNanos);
    }

    static Copy of(Frame frame) {
      var from = frame.offset();
      var hex =
          HexFormat.of().formatHex(Arrays.copyOfRange(frame.bytes(), from, from + frame.length()));
      return new Copy(hex, frame.wireLength(), frame.linkType(), frame.timeNanos());
    }
  }

  static Taken from(Path file) throws IOException {
    var frames = new ArrayList<Copy>();
    try (var source = PacketFile.at(file).open()) {
      while (source.poll(frame -> frames.add(Copy.of(frame)), 7) >= 0) {
        // Each frame was copied as it came.
      }
      return new Taken(frames, source.damage());
    }
  }
}
