package dev.cloister.sandbox.confine;

import java.util.concurrent.atomic.AtomicBoolean;

/** A user and group id of one function alone, until it is closed. Close it after the function. */
public final class FunctionIdentity implements AutoCloseable {
  private final int id;
  private final FunctionIdentities lender;
  private final AtomicBoolean closed = new AtomicBoolean();

  FunctionIdentity(int id, FunctionIdentities lender) {
    this.id = id;
    this.lender = lender;
  }

  /**
   * Returns the id.
   *
   * @return uid and gid
   */
  public int id() {
    return id;
  }

  /** Gives the id back; a second call does nothing. */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      lender.giveBack(id);
    }
  }

  @Override
  public String toString() {
    return "uid " + id;
  }
}
