package dev.cloister.tracing.flow;

import dev.cloister.tracing.packet.Packet;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.SecureRandom;
import org.jspecify.annotations.Nullable;

/**
 * Connections by their ends: a hash table with open addressing that makes no garbage. {@link #find}
 * reads a packet's ends into fields, which {@link #isSourceLow()} and {@link #add} use. The hash
 * has a random seed, so nobody can send packets that all fall into one place; results do not depend
 * on it.
 */
final class ConnectionTable {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

  private final long seed;
  private @Nullable Connection[] slots = new Connection[1024];

  /** The hashes of the connections in the slots, 0 where none is: a miss touches no connection. */
  private int[] hashes = new int[1024];

  private int size;

  /**
   * The packet's ends: hosts of 128 bits, an IPv4 address being the lowest 32; version and ports.
   */
  private long lowLeft;

  private long lowRight;
  private long highLeft;
  private long highRight;
  private long ports;
  private int hash;
  private boolean sourceIsLow;

  ConnectionTable(long seed) {
    this.seed = seed;
  }

  /** Makes a table whose hashes nobody can foresee. */
  static ConnectionTable seededAtRandom() {
    return new ConnectionTable(new SecureRandom().nextLong());
  }

  int size() {
    return size;
  }

  /** Tells whether the sender of the packet that was looked up last is the lower end. */
  boolean isSourceLow() {
    return sourceIsLow;
  }

  /** Finds a packet's connection. */
  @Nullable Connection find(Packet packet) {
    read(packet);
    hash = hash();
    var mask = hashes.length - 1;
    for (var i = hash & mask; hashes[i] != 0; i = (i + 1) & mask) {
      if (hashes[i] == hash) {
        var connection = slots[i];
        if (connection != null
            && connection.isBetween(lowLeft, lowRight, highLeft, highRight, ports)) {
          return connection;
        }
      }
    }
    return null;
  }

  private void read(Packet packet) {
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
  }

  private static boolean isLower(
      long left, long right, int port, long otherLeft, long otherRight, int otherPort) {
    if (left != otherLeft) {
      return Long.compareUnsigned(left, otherLeft) < 0;
    }
    return right != otherRight ? Long.compareUnsigned(right, otherRight) < 0 : port <= otherPort;
  }

  private int hash() {
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

  /** Adds a connection between the ends that were looked up last. */
  Connection add(long number, boolean clientIsLow) {
    if (size * 2 >= slots.length) {
      grow();
    }
    var connection =
        new Connection(number, lowLeft, lowRight, highLeft, highRight, ports, hash, clientIsLow);
    put(connection);
    size++;
    return connection;
  }

  private void put(Connection connection) {
    var mask = hashes.length - 1;
    var i = connection.hash & mask;
    while (hashes[i] != 0) {
      i = (i + 1) & mask;
    }
    set(i, connection);
  }

  private void set(int slot, Connection connection) {
    slots[slot] = connection;
    hashes[slot] = connection.hash;
  }

  private void grow() {
    var before = slots;
    slots = new Connection[2 * before.length];
    hashes = new int[2 * before.length];
    for (var connection : before) {
      if (connection != null) {
        put(connection);
      }
    }
  }

  /** Removes a connection, and closes the hole it leaves. */
  void remove(Connection connection) {
    var mask = hashes.length - 1;
    var hole = connection.hash & mask;
    while (!connection.equals(slots[hole])) {
      hole = (hole + 1) & mask;
    }
    size--;
    for (var i = (hole + 1) & mask; ; i = (i + 1) & mask) {
      var moved = slots[i];
      if (moved == null) {
        break;
      }
      var home = moved.hash & mask;
      // It may fill the hole when its home does not lie between the hole and itself.
      if (((i - home) & mask) >= ((i - hole) & mask)) {
        set(hole, moved);
        hole = i;
      }
    }
    slots[hole] = null;
    hashes[hole] = 0;
  }
}
