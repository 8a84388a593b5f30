package dev.cloister.sandbox.fuse;

import java.nio.ByteBuffer;

/** One answer to the kernel, written into a buffer that is used again: struct fuse_out_header. */
final class Reply {
  /** Of struct fuse_out_header. */
  static final int HEADER_BYTES = 16;

  /**
   * How long the kernel may go by what it was told of a name or a file, in seconds. What is changed
   * through the mount it knows at once.
   */
  private static final long VALID_SECONDS = 1;

  /** Numbers are never used again. */
  private static final long GENERATION = 0;

  private final ByteBuffer frame;

  Reply(ByteBuffer frame) {
    this.frame = frame;
  }

  /** Begins anew; what follows is written into the buffer. */
  ByteBuffer begin() {
    return frame.clear().position(HEADER_BYTES);
  }

  ByteBuffer body() {
    return frame;
  }

  /** Writes struct fuse_entry_out. */
  void entry(Tree.Entry entry, Owner owner) {
    frame.putLong(entry.node().id).putLong(GENERATION);
    frame.putLong(VALID_SECONDS).putLong(VALID_SECONDS).putInt(0).putInt(0);
    entry.attributes().put(frame, entry.node().id, owner);
  }

  /** Writes struct fuse_attr_out. */
  void attributes(Attributes attributes, long inode, Owner owner) {
    frame.putLong(VALID_SECONDS).putInt(0).putInt(0);
    attributes.put(frame, inode, owner);
  }

  /** Writes struct fuse_open_out. */
  void opened(long handle) {
    frame.putLong(handle).putLong(0);
  }

  /** Ends an answer that holds what was asked. */
  void done(long unique) {
    frame.flip();
    header(unique, Errno.NONE);
  }

  /** Says why there is no other answer. */
  void refuse(long unique, Errno errno) {
    frame.clear().limit(HEADER_BYTES);
    header(unique, errno);
  }

  private void header(long unique, Errno errno) {
    frame.putInt(0, frame.limit()).putInt(4, -errno.number()).putLong(8, unique);
  }
}
