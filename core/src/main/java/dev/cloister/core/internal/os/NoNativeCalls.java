package dev.cloister.core.internal.os;

/** A system on which no call is made; it says why. */
final class NoNativeCalls implements OperatingSystem {
  private final String reason;

  NoNativeCalls(String reason) {
    this.reason = reason;
  }

  @Override
  public Pages secretPages(long bytes) {
    throw new UnsupportedHere(reason);
  }

  @Override
  public Pages lockedPages(long bytes) {
    throw new UnsupportedHere(reason);
  }

  @Override
  public void readAsADebugger(Pages pages) {
    throw new UnsupportedHere(reason);
  }

  @Override
  public long coreLimitBytes() {
    throw new UnsupportedHere(reason);
  }

  @Override
  public boolean dumpable() {
    throw new UnsupportedHere(reason);
  }

  @Override
  public Confining confining() {
    throw new UnsupportedHere(reason);
  }

  @Override
  public Hardening hardening() {
    throw new UnsupportedHere(reason);
  }

  @Override
  public Mounting mounting() {
    throw new UnsupportedHere(reason);
  }

  @Override
  public Capturing capturing() {
    throw new UnsupportedHere(reason);
  }
}
