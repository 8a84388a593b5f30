package dev.cloister.examples;

import dev.cloister.examples.Example.BadRequest;
import dev.cloister.tracing.capture.PacketFile;
import dev.cloister.tracing.flow.Defragmenter;
import dev.cloister.tracing.flow.OverlapPolicy;
import dev.cloister.tracing.flow.ReassemblyLimits;
import dev.cloister.tracing.flow.TcpReassembler;
import dev.cloister.tracing.packet.Packet;
import dev.cloister.tracing.packet.PacketDecoder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Shows what reassembly makes of a capture, direction by direction. A tool of the lab: it looks
 * into a file that its user may look into, and no context keeps anything from it.
 */
@Command(
    name = "Streams",
    description = "Prints a line for each direction of a TCP connection that carried data.",
    sortOptions = false)
final class Streams implements Callable<Integer> {
  private static final int POLL_MOST = 1024;

  @Option(
      names = "--in",
      required = true,
      paramLabel = "FILE",
      description = "a pcap or pcapng file (required)")
  private @Nullable Path in;

  @Option(
      names = "--overlap",
      paramLabel = "POLICY",
      defaultValue = "first",
      description = "which copy of a byte counts: first or last (default: ${DEFAULT-VALUE})")
  private String overlap = "first";

  @SuppressWarnings("unused") // picocli acts on it
  @Option(names = "--help", usageHelp = true, description = "print this and exit (default: off)")
  private boolean help;

  Streams() {}

  /** Runs the example. */
  static void main(String[] args) {
    System.exit(Example.run(new Streams(), args));
  }

  @Override
  public Integer call() throws BadRequest, IOException {
    var policy = Options.overlap(overlap);
    var file = Options.readable("--in", Objects.requireNonNull(in));
    var directions = new StreamTable(policy);
    var reassembler = new TcpReassembler(ReassemblyLimits.forExactness(), policy, directions);
    var pipeline = new Pipeline(reassembler, new Defragmenter(OverlapPolicy.BSD, false));
    try (var source = PacketFile.at(file).open()) {
      while (source.poll(pipeline.decoder::decode, POLL_MOST) >= 0) {
        // Each frame was taken as it came.
      }
      reassembler.finish(pipeline.lastNanos);
      print(directions);
      var damage = source.damage();
      damage.ifPresent(
          d -> System.err.println(file + " is damaged at byte " + d.offset() + ": " + d.what()));
      return damage.isPresent() ? Example.DAMAGED : Example.OK;
    }
  }

  private static void print(StreamTable directions) {
    var text = new StringBuilder();
    directions.lines().forEach(line -> text.append(line).append('\n'));
    System.out.print(text);
    System.out.flush();
  }

  /** Decoder, defragmenter and reassembler, joined. */
  private static final class Pipeline {
    private final TcpReassembler reassembler;
    private final Defragmenter defragmenter;
    private final PacketDecoder decoder = new PacketDecoder(this::packet);
    private long lastNanos;

    Pipeline(TcpReassembler reassembler, Defragmenter defragmenter) {
      this.reassembler = reassembler;
      this.defragmenter = defragmenter;
    }

    private void packet(Packet packet) {
      lastNanos = packet.timeNanos();
      if (packet.isFragment()) {
        if (defragmenter.accept(packet)) {
          decoder.decodeDatagram(
              defragmenter.datagram(), 0, defragmenter.datagramLength(), packet.timeNanos());
        }
      } else if (packet.isTcp()) {
        reassembler.accept(packet);
      }
    }
  }
}
