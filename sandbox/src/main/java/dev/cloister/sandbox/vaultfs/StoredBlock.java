package dev.cloister.sandbox.vaultfs;

/**
 * Where a block of a file is on the medium, and how it is recognised: no other bytes than those
 * last written have its version and its tag.
 *
 * @param position where its run begins
 * @param runBytes how long its run is
 * @param length how many of its bytes count; those after them are zeros
 * @param version which of all writes of this vault it was, and so its nonce
 * @param tagHigh the first half of its tag
 * @param tagLow the other
 */
record StoredBlock(
    long position, int runBytes, int length, long version, long tagHigh, long tagLow) {

  /** The same bytes, of which fewer count. */
  StoredBlock cutTo(int bytes) {
    return bytes >= length
        ? this
        : new StoredBlock(position, runBytes, bytes, version, tagHigh, tagLow);
  }
}
