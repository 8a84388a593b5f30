package dev.cloister.tracing.capture;

import dev.cloister.core.Description;
import dev.cloister.core.gate.Declaration;
import dev.cloister.core.gate.Opening;
import dev.cloister.core.ledger.Counter;
import dev.cloister.tracing.TraceCounter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/**
 * Declares a capture file as the input of a context: pcap or pcapng, in either byte order.
 *
 * @param file what to read
 */
public record PacketFile(Path file) implements Declaration<PacketSource> {

  /**
   * Declares a file.
   *
   * @param file a pcap or pcapng file
   * @return the declaration; nothing is read yet
   */
  public static PacketFile at(Path file) {
    return new PacketFile(file);
  }

  /**
   * Opens the file outside any context, for tools that work on captures they may look into.
   *
   * @return a source that the caller closes
   * @throws NotACapture when the file is neither pcap nor pcapng
   * @throws IOException when the file cannot be read
   */
  public PacketSource open() throws IOException {
    return CaptureFile.open(file);
  }

  @Override
  public String name() {
    return "capture";
  }

  /** The file's name is left out: the measurement says what a context does, not where. */
  @Override
  public void describe(Description into) {
    into.put("source", "file");
  }

  @Override
  public Collection<? extends Counter> counters() {
    return List.copyOf(Arrays.asList(TraceCounter.values()));
  }

  @Override
  public PacketSource open(Opening opening) throws IOException {
    return open();
  }
}
