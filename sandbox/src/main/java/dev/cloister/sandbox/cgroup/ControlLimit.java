package dev.cloister.sandbox.cgroup;

/** What a control group can hold a function to. */
public enum ControlLimit {
  /** Bytes of memory: anonymous, page cache, tmpfs, kernel memory. */
  MEMORY,
  /** Swap is counted within the bytes of memory; without it a function may swap beyond them. */
  SWAP,
  /** Processes and threads that live at once. */
  PROCESSES,
  /** The share of a processor over each period. */
  CPU_SHARE
}
