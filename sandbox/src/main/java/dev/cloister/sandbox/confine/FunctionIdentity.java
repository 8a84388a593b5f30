package dev.cloister.sandbox.confine;

/** A user and group id of one function alone, until it is closed. Close it after the function. */
public final class FunctionIdentity implements AutoCloseable {
  private final int id;
  private final FunctionIdentities lender;

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
    lender.giveBack(id);
  }

  @Override
  public String toString() {
    return "uid " + id;
  }
}
