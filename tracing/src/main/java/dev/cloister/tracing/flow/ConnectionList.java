package dev.cloister.tracing.flow;

import org.jspecify.annotations.Nullable;

/** Connections of one age, the longest silent first. */
final class ConnectionList {
  private @Nullable Connection first;
  private @Nullable Connection last;

  @Nullable Connection first() {
    return first;
  }

  void addLast(Connection connection, long now) {
    connection.listedAt = now;
    connection.next = null;
    connection.previous = last;
    if (last == null) {
      first = connection;
    } else {
      last.next = connection;
    }
    last = connection;
  }

  void remove(Connection connection) {
    var before = connection.previous;
    var after = connection.next;
    if (before == null) {
      first = after;
    } else {
      before.next = after;
    }
    if (after == null) {
      last = before;
    } else {
      after.previous = before;
    }
    connection.previous = null;
    connection.next = null;
  }
}
