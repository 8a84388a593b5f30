package dev.cloister.tracing.flow;

import dev.cloister.tracing.packet.Packet;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The ends of the packet that was read last: the same for both directions of a connection. Hosts
 * have 128 bits, an IPv4 address being the lowest 32.
 */
final class Ends {
  /** How many numbers tell two ends apart. */
  static final int NUMBERS = 5;

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

  private final long seed;
  private long lowLeft;
  private long lowRight;
  private long highLeft;
  private long highRight;

  /** Version of IP, and both ports. */
  private long ports;

  private int hash;
  private boolean sourceIsLow;

  /** Makes a reader whose hashes are as unforeseeable as the seed. */
  Ends(long seed) {
    this.seed = seed;
  }

  /** Reads a packet's ends. */
  void read(Packet packet) {
    var bytes = packet.bytes();
    var source = packet.sourceOffset();
    var destination = packet.destinationOffset();
    var sourceLeft = 0L;
    var destinationLeft = 0L;
    long sourceRight;
    long destinationRight;
    if (packet.version() == 4) {
      sourceRight = Integer.toUnsignedLong((int) INT.get(bytes, source));
      destinationRight = Integer.toUnsignedLong((int) INT.get(bytes, destination));
    } else {
      sourceLeft = (long) LONG.get(bytes, source);
      sourceRight = (long) LONG.get(bytes, source + 8);
      destinationLeft = (long) LONG.get(bytes, destination);
      destinationRight = (long) LONG.get(bytes, destination + 8);
    }
    var sourcePort = packet.sourcePort();
    var destinationPort = packet.destinationPort();
    sourceIsLow =
        isLower(
            sourceLeft,
            sourceRight,
            sourcePort,
            destinationLeft,
            destinationRight,
            destinationPort);
    lowLeft = sourceIsLow ? sourceLeft : destinationLeft;
    lowRight = sourceIsLow ? sourceRight : destinationRight;
    highLeft = sourceIsLow ? destinationLeft : sourceLeft;
    highRight = sourceIsLow ? destinationRight : sourceRight;
    var lowPort = sourceIsLow ? sourcePort : destinationPort;
    var highPort = sourceIsLow ? destinationPort : sourcePort;
    ports = (long) packet.version() << Integer.SIZE | (long) lowPort << Short.SIZE | highPort;
    hash = mixed();
  }

  private static boolean isLower(
      long left, long right, int port, long otherLeft, long otherRight, int otherPort) {
    if (left != otherLeft) {
      return Long.compareUnsigned(left, otherLeft) < 0;
    }
    return right != otherRight ? Long.compareUnsigned(right, otherRight) < 0 : port <= otherPort;
  }

  private int mixed() {
    var mixed = mix(lowRight ^ seed);
    mixed = mix(mixed + highRight);
    mixed = mix(mixed + ports);
    if (lowLeft != 0 || highLeft != 0) {
      mixed = mix(mix(mixed + lowLeft) + highLeft);
    }
    var high = (int) (mixed >>> Integer.SIZE);
    return high == 0 ? 1 : high;
  }

  /** The finalizer of SplitMix64. */
  private static long mix(long value) {
    var z = (value ^ value >>> 30) * 0xbf58476d1ce4e5b9L;
    z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
    return z ^ z >>> 31;
  }

  /** Returns a number other than 0 that few other ends have. */
  int hash() {
    return hash;
  }

  /** Tells whether the packet's sender is the lower end. */
  boolean isSourceLow() {
    return sourceIsLow;
  }

  boolean areOf(Connection connection) {
    return connection.isBetween(lowLeft, lowRight, highLeft, highRight, ports);
  }

  Connection connection(long number, boolean clientIsLow) {
    return new Connection(number, lowLeft, lowRight, highLeft, highRight, ports, hash, clientIsLow);
  }

  /** Tells whether the numbers that stand at a place are these. */
  boolean areAt(long[] numbers, int at) {
    return numbers[at] == ports
        && numbers[at + 1] == lowRight
        && numbers[at + 2] == highRight
        && numbers[at + 3] == lowLeft
        && numbers[at + 4] == highLeft;
  }

  /** Writes the numbers that tell these from others. */
  void writeTo(long[] numbers, int at) {
    numbers[at] = ports;
    numbers[at + 1] = lowRight;
    numbers[at + 2] = highRight;
    numbers[at + 3] = lowLeft;
    numbers[at + 4] = highLeft;
  }
}
