package dev.cloister.core.ledger;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * One counter's value: written by one thread at a time, read by any. A write costs no more than a
 * plain one, so hot loops may count every packet.
 */
public final class Tally {
  private static final VarHandle VALUE = handle();

  @SuppressWarnings("unused") // through VALUE
  private long value;

  Tally() {}

  private static VarHandle handle() {
    try {
      return MethodHandles.lookup().findVarHandle(Tally.class, "value", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /**
   * Adds.
   *
   * @param amount how much
   */
  public void add(long amount) {
    VALUE.setOpaque(this, (long) VALUE.get(this) + amount);
  }

  /** Adds one. */
  public void increment() {
    add(1);
  }

  /**
   * Replaces the value.
   *
   * @param now the new value
   */
  public void set(long now) {
    VALUE.setOpaque(this, now);
  }

  /**
   * Replaces the value by a larger one, and keeps it otherwise.
   *
   * @param candidate the value to reach
   */
  public void raiseTo(long candidate) {
    if (candidate > (long) VALUE.get(this)) {
      set(candidate);
    }
  }

  /**
   * Reads the value.
   *
   * @return what was written last, as far as this thread has seen
   */
  public long get() {
    return (long) VALUE.getOpaque(this);
  }
}
