package dev.cloister.benchmarks;

import dev.cloister.tracing.capture.PacketFile;
import dev.cloister.tracing.flow.Direction;
import dev.cloister.tracing.flow.EndCause;
import dev.cloister.tracing.flow.Flow;
import dev.cloister.tracing.flow.OverlapPolicy;
import dev.cloister.tracing.flow.ReassemblyLimits;
import dev.cloister.tracing.flow.StreamListener;
import dev.cloister.tracing.flow.TcpReassembler;
import dev.cloister.tracing.packet.PacketDecoder;
import java.io.IOException;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/** The stages that every packet passes: read, decoded, ordered. */
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class PacketBenchmark {

  /** Reads the capture file, and looks at nothing. */
  @Benchmark
  public void read(Traffic traffic, PacketCount count, Blackhole hole) throws IOException {
    try (var source = PacketFile.at(traffic.file()).open()) {
      for (var given = 0;
          given >= 0;
          given = source.poll(frame -> hole.consume(frame.length()), Traffic.POLL_MOST)) {
        count.packets += given;
      }
    }
  }

  /** Decodes frames that lie in memory. */
  @Benchmark
  public void decode(Traffic traffic, PacketCount count, Blackhole hole) {
    var decoder = new PacketDecoder(packet -> hole.consume(packet.sequence()));
    for (var frame : traffic.frames()) {
      decoder.decode(frame);
    }
    count.packets += traffic.frames().size();
  }

  /** Decodes frames that lie in memory, and orders their segments into streams. */
  @Benchmark
  public void decodeAndOrder(Traffic traffic, PacketCount count, Blackhole hole) {
    var reassembler =
        new TcpReassembler(ReassemblyLimits.forTracing(), OverlapPolicy.FIRST, new Sink(hole));
    var decoder = new PacketDecoder(reassembler::accept);
    for (var frame : traffic.frames()) {
      decoder.decode(frame);
    }
    reassembler.finish(traffic.frames().getLast().timeNanos());
    count.packets += traffic.frames().size();
  }

  /** Takes streams, and touches each segment. */
  private record Sink(Blackhole hole) implements StreamListener {
    @Override
    public void data(
        Flow flow,
        Direction direction,
        long position,
        byte[] bytes,
        int offset,
        int length,
        long timeNanos) {
      hole.consume(bytes[offset]);
    }

    @Override
    public void gap(Flow flow, Direction direction, long position, long length, long timeNanos) {
      throw new IllegalStateException("a generated capture has no gaps");
    }

    @Override
    public void end(Flow flow, EndCause cause, long timeNanos) {}
  }
}
