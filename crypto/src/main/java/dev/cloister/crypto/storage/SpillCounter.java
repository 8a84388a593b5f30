package dev.cloister.crypto.storage;

import dev.cloister.core.ledger.Counter;

/** What a spill store counts beside its losses, in bytes. */
public enum SpillCounter implements Counter {
  /** Stored blocks written to disk since the seal. */
  SPILLED_BYTES("spilledBytes"),
  /** Blocks in memory now. */
  MEMORY_BYTES("spillMemoryBytes"),
  /** Blocks on disk now, or promised to it. */
  DISK_BYTES("spillDiskBytes");

  private final String label;

  SpillCounter(String label) {
    this.label = label;
  }

  @Override
  public String label() {
    return label;
  }
}
