package dev.cloister.tracing.flow;

import dev.cloister.tracing.packet.Packet;
import java.security.SecureRandom;
import org.jspecify.annotations.Nullable;

/**
 * Connections by their ends: a hash table with open addressing that makes no garbage. {@link #find}
 * reads a packet's ends, which {@link #isSourceLow()} and {@link #add} use. The hash has a random
 * seed, so nobody can send packets that all fall into one place; results do not depend on it.
 */
final class ConnectionTable {
  private final Ends ends;
  private @Nullable Connection[] slots = new Connection[1024];

  /** The hashes of the connections in the slots, 0 where none is: a miss touches no connection. */
  private int[] hashes = new int[1024];

  private int size;

  ConnectionTable(long seed) {
    this.ends = new Ends(seed);
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
    return ends.isSourceLow();
  }

  /** Finds a packet's connection. */
  @Nullable Connection find(Packet packet) {
    ends.read(packet);
    var hash = ends.hash();
    var mask = hashes.length - 1;
    for (var i = hash & mask; hashes[i] != 0; i = (i + 1) & mask) {
      if (hashes[i] == hash) {
        var connection = slots[i];
        if (connection != null && ends.areOf(connection)) {
          return connection;
        }
      }
    }
    return null;
  }

  /** Adds a connection between the ends that were looked up last. */
  Connection add(long number, boolean clientIsLow) {
    if (size * 2 >= slots.length) {
      grow();
    }
    var connection = ends.connection(number, clientIsLow);
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
