package dev.cloister.tracing.capture;

import dev.cloister.tracing.capture.Taken.Copy;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.pcap4j.core.NotOpenException;
import org.pcap4j.core.PcapHandle;
import org.pcap4j.core.PcapHandle.TimestampPrecision;
import org.pcap4j.core.PcapNativeException;
import org.pcap4j.core.Pcaps;

/** Reads a capture file as libpcap does, through pcap4j. */
final class LibpcapRead {
  private LibpcapRead() {}

  static List<Copy> of(Path file) throws IOException {
    try (var handle = Pcaps.openOffline(file.toString(), TimestampPrecision.NANO)) {
      var frames = new ArrayList<Copy>();
      var next = next(handle);
      while (next != null) {
        frames.add(copy(handle, next));
        next = next(handle);
      }
      return frames;
    } catch (PcapNativeException | NotOpenException e) {
      throw new IOException("libpcap refuses " + file, e);
    }
  }

  private static byte @Nullable [] next(PcapHandle handle)
      throws PcapNativeException, NotOpenException, IOException {
    try {
      return handle.getNextRawPacketEx();
    } catch (EOFException _) {
      return null;
    } catch (TimeoutException e) {
      throw new IOException("a file does not wait", e);
    }
  }

  private static Copy copy(PcapHandle handle, byte[] bytes) {
    // Through its superclass: it is java.sql's own, which this module does not read.
    Date timestamp = handle.getTimestamp();
    var time = timestamp.toInstant();
    return new Copy(
        HexFormat.of().formatHex(bytes),
        handle.getOriginalLength(),
        handle.getDlt().value(),
        time.getEpochSecond() * 1_000_000_000 + time.getNano());
  }
}
