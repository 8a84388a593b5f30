package dev.cloister.sandbox.vaultfs;

/** How much of a vault's bytes are used, which is never more than was given. For any thread. */
final class Quota {
  private final long bytes;
  private long used;

  Quota(long bytes) {
    this.bytes = bytes;
  }

  long bytes() {
    return bytes;
  }

  synchronized long used() {
    return used;
  }

  /** Takes so many bytes, or none. */
  synchronized void take(long more, String file) throws VaultFull {
    if (more > bytes - used) {
      throw new VaultFull(file, more, used, bytes);
    }
    used += more;
  }

  synchronized void give(long back) {
    used -= back;
  }
}
