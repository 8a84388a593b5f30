package dev.cloister.sandbox.vaultfs;

import java.io.IOException;
import java.time.Instant;

/**
 * A regular file: its content is there until nothing names it and nobody has it open. For any
 * number of threads.
 */
final class FileNode extends Node {
  static final int REGULAR_FILE = 0100000;

  /** Guards itself, and the two below. */
  final FileContent content;

  private int opened;
  private boolean isNamed = true;

  FileNode(long number, FileContent content, int mode, Instant now) {
    super(number, REGULAR_FILE, mode, now);
    this.content = content;
  }

  /** Keeps the content until {@link #closed}; false when it is gone already. */
  boolean open() {
    synchronized (content) {
      if (!isNamed && opened == 0) {
        return false;
      }
      opened++;
      return true;
    }
  }

  /**
   * Stores what was written and is not stored yet; an error is told here at the latest.
   *
   * @param isKept whether there will be anyone to read it
   */
  void closed(boolean isKept) throws IOException {
    synchronized (content) {
      opened--;
      if (opened > 0) {
        return;
      }
      if (isKept && isNamed) {
        content.settle();
      } else {
        content.clear();
      }
    }
  }

  /** The last name is gone. */
  void unnamed() {
    synchronized (content) {
      isNamed = false;
      if (opened == 0) {
        content.clear();
      }
    }
  }

  @Override
  long size() {
    return content.size();
  }

  @Override
  int links() {
    return names;
  }
}
