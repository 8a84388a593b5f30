package dev.cloister.sandbox.fuse;

import dev.cloister.core.ledger.Counter;

/** What a mount counts. */
public enum FuseCounter implements Counter {
  /** Requests of the kernel. */
  REQUESTS("fuse.requests"),
  /** Bytes that were read through it. */
  BYTES_READ("fuse.bytes.read"),
  /** Bytes that were written through it. */
  BYTES_WRITTEN("fuse.bytes.written"),
  /** Requests that were refused as any file system refuses: no such file, not empty, and so on. */
  REFUSED("fuse.refused"),
  /** Requests of a kind that is not served. */
  UNSUPPORTED("fuse.refused.unsupported"),
  /** Frames that are no request, or are cut short. */
  MALFORMED("fuse.refused.malformed"),
  /** Refused at the bound on files that the kernel knows, open files, or names being listed. */
  FULL("fuse.refused.full"),
  /** Refused because the root has no space left. */
  NO_SPACE("fuse.refused.noSpace"),
  /** Failed because stored bytes are not what was stored. */
  CORRUPT("fuse.failed.corrupt"),
  /** Failed for any other reason of the root's. */
  FAILED("fuse.failed");

  private final String label;

  FuseCounter(String label) {
    this.label = label;
  }

  @Override
  public String label() {
    return label;
  }
}
