package dev.cloister.examples;

import dev.cloister.tracing.flow.Direction;
import dev.cloister.tracing.flow.EndCause;
import dev.cloister.tracing.flow.Flow;
import dev.cloister.tracing.flow.OverlapPolicy;
import dev.cloister.tracing.flow.StreamListener;
import dev.cloister.tracing.record.AddressText;
import java.io.ByteArrayOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What is told of each direction that carried data, in the order of the connections. */
final class StreamTable implements StreamListener {
  private final OverlapPolicy policy;
  private final Map<Key, Row> rows = new HashMap<>();

  StreamTable(OverlapPolicy policy) {
    this.policy = policy;
  }

  /** A direction of a connection. */
  private record Key(long stream, Direction direction) implements Comparable<Key> {
    @Override
    public int compareTo(Key other) {
      return stream == other.stream
          ? direction.compareTo(other.direction)
          : Long.compare(stream, other.stream);
    }
  }

  /** What is told of it. */
  private static final class Row {
    private final String ends;
    private final Prefix prefix;
    private final List<String> holes = new ArrayList<>();
    private long spanBytes;
    private long prefixBytes;
    private long holeBytes;
    private long duplicateBytes;
    private long conflictingBytes;

    Row(String ends, Prefix prefix) {
      this.ends = ends;
      this.prefix = prefix;
    }
  }

  /** The bytes before the first hole. */
  private interface Prefix {
    void add(byte[] bytes, int offset, int length);

    /** Puts a later copy over an earlier one. */
    void replace(long position, byte[] bytes, int offset, int length);

    byte[] sha256();
  }

  /** Where the first copy counts, nothing need be kept. */
  private static final class Digested implements Prefix {
    private final MessageDigest digest = newSha256();

    @Override
    public void add(byte[] bytes, int offset, int length) {
      digest.update(bytes, offset, length);
    }

    @Override
    public void replace(long position, byte[] bytes, int offset, int length) {}

    @Override
    public byte[] sha256() {
      return digest.digest();
    }
  }

  /** Where the last copy counts, every byte may still change. */
  private static final class Kept extends ByteArrayOutputStream implements Prefix {
    @Override
    public void add(byte[] bytes, int offset, int length) {
      write(bytes, offset, length);
    }

    @Override
    public void replace(long position, byte[] bytes, int offset, int length) {
      if (position < count) {
        var inside = (int) Math.min(length, count - position);
        System.arraycopy(bytes, offset, buf, (int) position, inside);
      }
    }

    @Override
    public byte[] sha256() {
      return newSha256().digest(toByteArray());
    }
  }

  private static MessageDigest newSha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
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
    var row = row(flow, direction);
    if (row.holes.isEmpty()) {
      row.prefix.add(bytes, offset, length);
      row.prefixBytes += length;
    }
    row.spanBytes = position + length;
  }

  @Override
  public void gap(Flow flow, Direction direction, long position, long length, long timeNanos) {
    var row = row(flow, direction);
    row.holes.add(position + "+" + length);
    row.holeBytes += length;
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
    var row = row(flow, direction);
    row.duplicateBytes += length;
    row.conflictingBytes += differing;
    if (position >= 0) {
      row.prefix.replace(position, bytes, offset, length);
    }
  }

  @Override
  public void end(Flow flow, EndCause cause, long timeNanos) {}

  private Row row(Flow flow, Direction direction) {
    return rows.computeIfAbsent(
        new Key(flow.number(), direction),
        _ ->
            new Row(
                end(flow, direction) + "\t" + end(flow, direction.opposite()),
                policy == OverlapPolicy.FIRST ? new Digested() : new Kept()));
  }

  private static String end(Flow flow, Direction direction) {
    var address = new byte[flow.addressBytes()];
    flow.sourceAddress(direction, address, 0);
    return AddressText.of(address, 0, address.length) + ":" + flow.sourcePort(direction);
  }

  /** Returns the lines, tab-separated. */
  Stream<String> lines() {
    return rows.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .map(entry -> line(entry.getKey().stream(), entry.getValue()));
  }

  private static String line(long stream, Row row) {
    return Stream.of(
            stream,
            row.ends,
            row.spanBytes,
            row.prefixBytes,
            HexFormat.of().formatHex(row.prefix.sha256()),
            row.holeBytes,
            row.duplicateBytes,
            row.conflictingBytes,
            row.holes.isEmpty() ? "-" : String.join(",", row.holes))
        .map(String::valueOf)
        .collect(Collectors.joining("\t"));
  }
}
