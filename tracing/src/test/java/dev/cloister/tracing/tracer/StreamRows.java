package dev.cloister.tracing.tracer;

import dev.cloister.tracing.capture.PacketFile;
import dev.cloister.tracing.flow.Defragmenter;
import dev.cloister.tracing.flow.Direction;
import dev.cloister.tracing.flow.EndCause;
import dev.cloister.tracing.flow.Flow;
import dev.cloister.tracing.flow.OverlapPolicy;
import dev.cloister.tracing.flow.ReassemblyLimits;
import dev.cloister.tracing.flow.StreamListener;
import dev.cloister.tracing.flow.TcpReassembler;
import dev.cloister.tracing.packet.Packet;
import dev.cloister.tracing.packet.PacketDecoder;
import dev.cloister.tracing.record.AddressText;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reassembles a capture file, and tells of each direction that carried data. The bytes of all of
 * them are kept until they are asked for, since the last copy of a byte may be the one that counts.
 */
final class StreamRows implements StreamListener {
  private final OverlapPolicy policy;
  private final Map<String, Stream> streams = new LinkedHashMap<>();
  private final Map<Long, Set<String>> ends = new LinkedHashMap<>();
  private final Defragmenter defragmenter = new Defragmenter(OverlapPolicy.BSD, false);
  private final PacketDecoder decoder = new PacketDecoder(this::packet);
  private final TcpReassembler reassembler;

  private StreamRows(OverlapPolicy policy) {
    this.policy = policy;
    this.reassembler = new TcpReassembler(ReassemblyLimits.forExactness(), policy, this);
  }

  static StreamRows of(Path capture, OverlapPolicy policy) throws IOException {
    var rows = new StreamRows(policy);
    try (var source = PacketFile.at(capture).open()) {
      while (source.poll(rows.decoder::decode, 1024) >= 0) {
        // Each frame was taken as it came.
      }
    }
    rows.reassembler.finish(0);
    return rows;
  }

  /** One direction: its bytes, with zeros for what is missing. */
  private static final class Stream extends ByteArrayOutputStream {
    final long number;
    final String source;
    final List<String> holes = new ArrayList<>();
    int firstHole = Integer.MAX_VALUE;
    long holeBytes;
    long duplicateBytes;
    long conflictingBytes;

    Stream(long number, String source) {
      this.number = number;
      this.source = source;
    }

    void leaveOut(long position, long length) {
      holes.add(position + "+" + length);
      holeBytes += length;
      firstHole = Math.min(firstHole, (int) position);
      writeBytes(new byte[(int) length]);
    }

    void replace(int position, byte[] bytes, int offset, int length) {
      System.arraycopy(bytes, offset, buf, position, length);
    }

    StreamRow row() {
      var prefix = Math.min(firstHole, count);
      return new StreamRow(
          number,
          source,
          count,
          prefix,
          sha256(buf, prefix),
          holeBytes,
          duplicateBytes,
          conflictingBytes,
          holes);
    }

    private static String sha256(byte[] bytes, int length) {
      try {
        var digest = MessageDigest.getInstance("SHA-256");
        digest.update(bytes, 0, length);
        return HexFormat.of().formatHex(digest.digest());
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("every Java platform has SHA-256", e);
      }
    }
  }

  private void packet(Packet packet) {
    if (packet.isFragment()) {
      if (defragmenter.accept(packet)) {
        decoder.decodeDatagram(
            defragmenter.datagram(), 0, defragmenter.datagramLength(), packet.timeNanos());
      }
    } else if (packet.isTcp()) {
      reassembler.accept(packet);
    }
  }

  private Stream stream(Flow flow, Direction direction) {
    var source = end(flow, direction);
    return streams.computeIfAbsent(
        flow.number() + " " + source,
        _ -> {
          ends.put(flow.number(), Set.of(source, end(flow, direction.opposite())));
          return new Stream(flow.number(), source);
        });
  }

  private static String end(Flow flow, Direction direction) {
    var address = new byte[flow.addressBytes()];
    flow.sourceAddress(direction, address, 0);
    return AddressText.of(address, 0, address.length) + ":" + flow.sourcePort(direction);
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
    var stream = stream(flow, direction);
    if (position != stream.size()) {
      throw new AssertionError("data at " + position + " behind " + stream.size() + " bytes");
    }
    stream.write(bytes, offset, length);
  }

  @Override
  public void gap(Flow flow, Direction direction, long position, long length, long timeNanos) {
    stream(flow, direction).leaveOut(position, length);
  }

  @Override
  public void overlap(
      Flow flow,
      Direction direction,
      long position,
      byte[] bytes,
      int offset,
      int length,
      int differing) {
    var stream = stream(flow, direction);
    stream.duplicateBytes += length;
    stream.conflictingBytes += differing;
    if (position >= 0 && policy == OverlapPolicy.LAST) {
      stream.replace((int) position, bytes, offset, length);
    }
  }

  @Override
  public void end(Flow flow, EndCause cause, long timeNanos) {}

  /** Returns what is told of each direction, with no more holes than the facts would list. */
  List<StreamRow> rows() {
    return streams.values().stream().map(Stream::row).map(StreamRow::asListed).toList();
  }

  /** Returns the two ends of each connection that carried data. */
  Map<Long, Set<String>> ends() {
    return ends;
  }
}
