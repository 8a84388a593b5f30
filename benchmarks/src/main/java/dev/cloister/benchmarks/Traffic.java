package dev.cloister.benchmarks;

import dev.cloister.tracing.capture.Frame;
import dev.cloister.tracing.capture.PacketFile;
import dev.cloister.tracing.flow.Direction;
import dev.cloister.tracing.flow.EndCause;
import dev.cloister.tracing.flow.Flow;
import dev.cloister.tracing.flow.OverlapPolicy;
import dev.cloister.tracing.flow.ReassemblyLimits;
import dev.cloister.tracing.flow.StreamListener;
import dev.cloister.tracing.flow.TcpReassembler;
import dev.cloister.tracing.packet.PacketDecoder;
import dev.cloister.tracing.testing.HttpTraffic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Generated traffic as each stage wants it: a file, frames in memory, streams in memory. */
@State(Scope.Benchmark)
public class Traffic {
  static final int REQUESTS = 20_000;
  static final int POLL_MOST = 1024;

  private Path file = Path.of("");
  private final List<Frame> frames = new ArrayList<>();
  private final List<Segment> segments = new ArrayList<>();

  /** What one callback of the reassembler gave; without bytes, the end. */
  record Segment(Flow flow, Direction direction, Optional<Bytes> bytes, long timeNanos) {}

  /** What a segment carried. */
  static final class Bytes {
    final byte[] array;

    Bytes(byte[] array) {
      this.array = array;
    }
  }

  /** A connection as a parser sees it, kept longer than the reassembler keeps its own. */
  private static final class KeptFlow implements Flow {
    private final long number;
    private final byte[] client;
    private final byte[] server;
    private final int clientPort;
    private final int serverPort;

    KeptFlow(Flow flow) {
      number = flow.number();
      client = address(flow, Direction.CLIENT_TO_SERVER);
      server = address(flow, Direction.SERVER_TO_CLIENT);
      clientPort = flow.sourcePort(Direction.CLIENT_TO_SERVER);
      serverPort = flow.sourcePort(Direction.SERVER_TO_CLIENT);
    }

    private static byte[] address(Flow flow, Direction direction) {
      var address = new byte[flow.addressBytes()];
      flow.sourceAddress(direction, address, 0);
      return address;
    }

    @Override
    public long number() {
      return number;
    }

    @Override
    public int addressBytes() {
      return client.length;
    }

    @Override
    public void sourceAddress(Direction direction, byte[] out, int offset) {
      var address = direction == Direction.CLIENT_TO_SERVER ? client : server;
      System.arraycopy(address, 0, out, offset, address.length);
    }

    @Override
    public int sourcePort(Direction direction) {
      return direction == Direction.CLIENT_TO_SERVER ? clientPort : serverPort;
    }

    @Override
    public boolean isFromTheBeginning() {
      return true;
    }

    @Override
    public @Nullable Object attachment() {
      return null;
    }

    @Override
    public void attach(@Nullable Object state) {
      throw new UnsupportedOperationException("a benchmark's flow has no attachment");
    }
  }

  /** Keeps what the reassembler gives. */
  private final class Keeper implements StreamListener {
    private final Map<Long, Flow> flows = new HashMap<>();

    private Flow kept(Flow flow) {
      return flows.computeIfAbsent(flow.number(), _ -> new KeptFlow(flow));
    }

    @Override
    public void data(
        Flow flow,
        Direction direction,
        long position,
        byte[] bytes,
        int offset,
        int length,
        long timeNanos) {
      var copy = Arrays.copyOfRange(bytes, offset, offset + length);
      segments.add(new Segment(kept(flow), direction, Optional.of(new Bytes(copy)), timeNanos));
    }

    @Override
    public void gap(Flow flow, Direction direction, long position, long length, long timeNanos) {
      throw new IllegalStateException("a generated capture has no gaps");
    }

    @Override
    public void end(Flow flow, EndCause cause, long timeNanos) {
      segments.add(
          new Segment(kept(flow), Direction.CLIENT_TO_SERVER, Optional.empty(), timeNanos));
      flows.remove(flow.number());
    }
  }

  /** Generates the traffic. */
  @Setup(Level.Trial)
  public void generate() throws IOException {
    file = Files.createTempFile("cloister-benchmark-", ".pcap");
    HttpTraffic.of(REQUESTS).write(file);
    var reassembler =
        new TcpReassembler(ReassemblyLimits.forTracing(), OverlapPolicy.FIRST, new Keeper());
    var decoder = new PacketDecoder(reassembler::accept);
    try (var source = PacketFile.at(file).open()) {
      while (source.poll(frame -> keep(frame, decoder), POLL_MOST) >= 0) {
        // Kept as it came.
      }
    }
    reassembler.finish(frames.getLast().timeNanos());
  }

  private void keep(Frame frame, PacketDecoder decoder) {
    decoder.decode(frame);
    var bytes = Arrays.copyOfRange(frame.bytes(), frame.offset(), frame.offset() + frame.length());
    frames.add(
        new Frame()
            .set(bytes, 0, bytes.length, frame.wireLength(), frame.linkType(), frame.timeNanos()));
  }

  /** Deletes the file. */
  @TearDown(Level.Trial)
  public void delete() throws IOException {
    Files.delete(file);
  }

  Path file() {
    return file;
  }

  List<Frame> frames() {
    return frames;
  }

  List<Segment> segments() {
    return segments;
  }
}
