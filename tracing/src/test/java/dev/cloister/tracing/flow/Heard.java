package dev.cloister.tracing.flow;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Writes down what a reassembler tells, and fails as soon as it tells something that {@link
 * StreamListener} rules out: a stream that is not in order, an empty call, a word after the end.
 */
final class Heard implements StreamListener {
  /** What was told, one line a call, such as {@code 0 > data 0 abc}, {@code > } from a client. */
  final List<String> lines = new ArrayList<>();

  private final Map<String, Stream> streams = new HashMap<>();
  private final Set<Long> ended = new HashSet<>();
  private long overlapBytes;
  private long differingBytes;

  /** A direction so far. */
  private static final class Stream {
    final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    long next;
  }

  private static String arrow(Direction direction) {
    return direction == Direction.CLIENT_TO_SERVER ? ">" : "<";
  }

  private Stream stream(long flow, Direction direction) {
    return streams.computeIfAbsent(flow + arrow(direction), _ -> new Stream());
  }

  private void tell(Flow flow, Direction direction, String what) {
    assertThat(ended).as("flows that ended, at: %s", what).doesNotContain(flow.number());
    lines.add("%d %s %s".formatted(flow.number(), arrow(direction), what));
  }

  private static String text(byte[] bytes, int offset, int length) {
    return new String(bytes, offset, length, ISO_8859_1);
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
    var text = text(bytes, offset, length);
    tell(flow, direction, "data %d %s".formatted(position, text));
    assertThat(length).isPositive();
    var stream = stream(flow.number(), direction);
    assertThat(position).as(text).isEqualTo(stream.next);
    stream.bytes.write(bytes, offset, length);
    stream.next += length;
  }

  @Override
  public void gap(Flow flow, Direction direction, long position, long length, long timeNanos) {
    tell(flow, direction, "gap %d+%d".formatted(position, length));
    assertThat(length).isPositive();
    var stream = stream(flow.number(), direction);
    assertThat(position).isEqualTo(stream.next);
    stream.next += length;
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
    var text = text(bytes, offset, length);
    tell(flow, direction, "overlap %d %s %d".formatted(position, text, differing));
    assertThat(length).isPositive();
    assertThat(differing).isBetween(0, length);
    if (position != -1) {
      assertThat(position).isNotNegative();
      assertThat(position + length).isLessThanOrEqualTo(stream(flow.number(), direction).next);
    }
    overlapBytes += length;
    differingBytes += differing;
  }

  @Override
  public void end(Flow flow, EndCause cause, long timeNanos) {
    lines.add("%d end %s".formatted(flow.number(), cause));
    assertThat(ended.add(flow.number())).as("a second end of flow %d", flow.number()).isTrue();
  }

  /** Returns the bytes that came of a flow's client, holes left out. */
  String fromClient(long flow) {
    return stream(flow, Direction.CLIENT_TO_SERVER).bytes.toString(ISO_8859_1);
  }

  String fromServer(long flow) {
    return stream(flow, Direction.SERVER_TO_CLIENT).bytes.toString(ISO_8859_1);
  }

  /** Returns how far a flow's client got, holes counted. */
  long spanFromClient(long flow) {
    return stream(flow, Direction.CLIENT_TO_SERVER).next;
  }

  List<String> linesOf(String kind) {
    return lines.stream().filter(line -> line.contains(" " + kind + " ")).toList();
  }

  long overlapBytes() {
    return overlapBytes;
  }

  long differingBytes() {
    return differingBytes;
  }
}
