package dev.cloister.tracing.flow;

import dev.cloister.tracing.capture.Frame;
import dev.cloister.tracing.packet.Packet;
import dev.cloister.tracing.packet.PacketDecoder;
import dev.cloister.tracing.testing.Endpoint;
import java.time.Duration;
import java.util.Arrays;

/**
 * A link that is traced: frames go through the decoder to a reassembler, as captured ones do, and
 * their bytes are overwritten afterwards. Time stands still until it is told to pass.
 */
final class Link {
  static final Endpoint CLIENT = Endpoint.of("10.0.0.1", 40_000);
  static final Endpoint SERVER = Endpoint.of("192.0.2.80", 80);

  /** Initial sequence numbers, which tests of their own vary. */
  static final int CLIENT_INITIAL = 1_000_000;

  static final int SERVER_INITIAL = 70_000_000;

  private static final byte POISON = (byte) 0xde;

  final TcpReassembler reassembler;
  private final PacketDecoder decoder = new PacketDecoder(this::packet);
  private final Frame frame = new Frame();
  private long now = 1_700_000_000_000_000_000L;

  private Link(ReassemblyLimits limits, OverlapPolicy policy, StreamListener listener) {
    this.reassembler = new TcpReassembler(limits, policy, listener);
  }

  static Link tracedBy(StreamListener listener) {
    return new Link(Limits.tracing(), OverlapPolicy.FIRST, listener);
  }

  static Link tracedBy(StreamListener listener, ReassemblyLimits limits) {
    return new Link(limits, OverlapPolicy.FIRST, listener);
  }

  static Link tracedBy(StreamListener listener, ReassemblyLimits limits, OverlapPolicy policy) {
    return new Link(limits, policy, listener);
  }

  private void packet(Packet packet) {
    reassembler.accept(packet);
  }

  void carry(byte[] bytes) {
    carry(bytes, bytes.length);
  }

  /** Carries a frame of which the capture kept only the beginning. */
  void carry(byte[] bytes, int captured) {
    try {
      decoder.decode(frame.set(bytes, 0, captured, bytes.length, 1, now));
    } finally {
      Arrays.fill(bytes, POISON);
    }
  }

  /** Lets time pass, which may run backwards. */
  Link pass(Duration duration) {
    now += duration.toNanos();
    return this;
  }

  /** Moves the packets' clock, however little sense it makes. */
  void setTime(long nanos) {
    now = nanos;
  }

  long now() {
    return now;
  }

  /** Ends the capture. */
  void end() {
    reassembler.finish(now);
  }

  StreamCounts counts() {
    return reassembler.counts();
  }

  /** Makes the two ends of a connection that others tell apart by their number. */
  Sender client(int number, int clientInitial, int serverInitial) {
    var from = Endpoint.of("10.%d.%d.1".formatted(number >> 8 & 0xff, number & 0xff), 40_000);
    return Sender.pair(this, from, SERVER, clientInitial, serverInitial);
  }

  Sender client(int clientInitial, int serverInitial) {
    return Sender.pair(this, CLIENT, SERVER, clientInitial, serverInitial);
  }

  Sender client() {
    return client(CLIENT_INITIAL, SERVER_INITIAL);
  }
}
