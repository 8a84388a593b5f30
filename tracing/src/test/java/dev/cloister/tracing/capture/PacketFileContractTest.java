package dev.cloister.tracing.capture;

import dev.cloister.tracing.testing.PacketSourceContract;
import dev.cloister.tracing.testing.PcapWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;

/** A capture file passes the contract of every source. */
final class PacketFileContractTest extends PacketSourceContract {
  @TempDir private Path directory;

  @Override
  protected PacketSource open(List<byte[]> frames) throws IOException {
    var file = directory.resolve("capture.pcap");
    try (var out = PcapWriter.to(file)) {
      for (var i = 0; i < frames.size(); i++) {
        out.write(1_700_000_000_000_000_000L + i * 1000L, frames.get(i));
      }
    }
    return PacketFile.at(file).open();
  }
}
