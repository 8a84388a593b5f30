package dev.cloister.tracing.flow;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.cloister.tracing.testing.Endpoint;
import dev.cloister.tracing.testing.Packets;

/**
 * One end of a connection on a {@link Link}. Its segments stand at positions of its stream: 0 is
 * the byte after the SYN. It acknowledges what {@link #hasReceived} said last, from its SYN on.
 */
final class Sender {
  private final Link link;
  private final Endpoint from;
  private final Endpoint to;
  private final int initial;
  private Sender peer;
  private long received;

  @SuppressWarnings("NullAway") // its peer is known as soon as there are two
  private Sender(Link link, Endpoint from, Endpoint to, int initial) {
    this.link = link;
    this.from = from;
    this.to = to;
    this.initial = initial;
  }

  /** Makes both ends, and returns the first: {@link #peer} is the other. */
  static Sender pair(Link link, Endpoint client, Endpoint server, int initial, int peerInitial) {
    var one = new Sender(link, client, server, initial);
    var other = new Sender(link, server, client, peerInitial);
    one.peer = other;
    other.peer = one;
    return one;
  }

  Sender peer() {
    return peer;
  }

  /** Shakes hands; this end began. */
  Sender open() {
    syn();
    peer.send(Packets.SYN | Packets.ACK, -1, "");
    return ack(0);
  }

  Sender syn() {
    return send(Packets.SYN, -1, "");
  }

  Sender data(long at, String text) {
    return send(Packets.PSH | Packets.ACK, at, text);
  }

  Sender data(long at, byte[] bytes) {
    return send(Packets.PSH | Packets.ACK, at, bytes);
  }

  /** Acknowledges everything before a position of the other's stream. */
  Sender ack(long position) {
    hasReceived(position);
    return send(Packets.ACK, 0, "");
  }

  Sender hasReceived(long position) {
    received = position;
    return this;
  }

  Sender fin(long at) {
    return send(Packets.FIN | Packets.ACK, at, "");
  }

  Sender rst(long at) {
    return send(Packets.RST, at, "");
  }

  Sender send(int flags, long at, String text) {
    return send(flags, at, text.getBytes(ISO_8859_1));
  }

  Sender send(int flags, long at, byte[] bytes) {
    link.carry(segment(flags, at, bytes));
    return this;
  }

  /** Sends data of which the capture kept the first bytes. */
  Sender cut(long at, String text, int kept) {
    var segment = segment(Packets.PSH | Packets.ACK, at, text.getBytes(ISO_8859_1));
    link.carry(segment, segment.length - text.length() + kept);
    return this;
  }

  byte[] segment(int flags, long at, byte[] bytes) {
    var acknowledged = (flags & Packets.ACK) == 0 ? 0 : peer.initial + 1 + (int) received;
    return Packets.tcp(from, to, initial + 1 + (int) at, acknowledged, flags, bytes);
  }
}
