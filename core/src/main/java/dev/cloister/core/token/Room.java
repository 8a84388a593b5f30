package dev.cloister.core.token;

import org.jspecify.annotations.Nullable;

/** A bounded count, which may lie within another. Guarded by the registry. */
final class Room {
  private final int bound;
  private final @Nullable Room outer;
  private int taken;

  private Room(int bound, @Nullable Room outer) {
    this.bound = bound;
    this.outer = outer;
  }

  static Room of(int bound) {
    return new Room(bound, null);
  }

  Room within(int innerBound) {
    return new Room(innerBound, this);
  }

  boolean isFull() {
    return taken >= bound || (outer != null && outer.isFull());
  }

  void add(int amount) {
    taken += amount;
    if (outer != null) {
      outer.add(amount);
    }
  }

  int taken() {
    return taken;
  }
}
