package dev.cloister.sandbox.fuse;

import java.io.Closeable;

/** What the kernel holds open. */
sealed interface Handle extends Closeable permits OpenFile, OpenDirectory {
  /** The file. */
  Node node();
}
