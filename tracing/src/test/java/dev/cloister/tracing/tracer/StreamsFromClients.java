package dev.cloister.tracing.tracer;

import dev.cloister.tracing.flow.Direction;
import dev.cloister.tracing.flow.EndCause;
import dev.cloister.tracing.flow.Flow;
import dev.cloister.tracing.flow.StreamListener;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/** Digests the streams of connections whose client's address begins as said; a gap fails. */
final class StreamsFromClients implements StreamListener {
  private final String prefix;
  private final Map<String, MessageDigest> digests = new HashMap<>();

  StreamsFromClients(String prefix) {
    this.prefix = prefix;
  }

  /** Returns the digest of each stream, by client and direction. */
  Map<String, String> digests() {
    var named = new TreeMap<String, String>();
    digests.forEach((name, digest) -> named.put(name, HexFormat.of().formatHex(digest.digest())));
    return named;
  }

  private static String client(Flow flow) {
    var address = new byte[flow.addressBytes()];
    flow.sourceAddress(Direction.CLIENT_TO_SERVER, address, 0);
    try {
      return InetAddress.getByAddress(address).getHostAddress()
          + " "
          + flow.sourcePort(Direction.CLIENT_TO_SERVER);
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  private static MessageDigest newDigest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
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
    var client = client(flow);
    if (client.startsWith(prefix)) {
      digests
          .computeIfAbsent(client + " " + direction, _ -> newDigest())
          .update(bytes, offset, length);
    }
  }

  @Override
  public void gap(Flow flow, Direction direction, long position, long length, long timeNanos) {
    if (client(flow).startsWith(prefix)) {
      throw new AssertionError(
          "%s %s: %d bytes missing".formatted(client(flow), direction, length));
    }
  }

  @Override
  public void end(Flow flow, EndCause cause, long timeNanos) {}
}
