package dev.cloister.sandbox.testing;

import dev.cloister.sandbox.vaultfs.BlockMedium;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.TreeMap;

/** A disk in memory, which can be small, and can fail. For any number of threads. */
final class MemoryMedium implements BlockMedium {
  private static final int PAGE_BYTES = 4096;

  private final TreeMap<Long, byte[]> pages = new TreeMap<>();
  private long capacity = Long.MAX_VALUE;
  private long writes;
  private long failing = -1;
  private boolean isBroken;
  private boolean isClosed;

  private void requireOpen() throws IOException {
    if (isClosed) {
      throw new IOException("the medium is closed");
    }
  }

  @Override
  public synchronized void write(long position, byte[] bytes, int length) throws IOException {
    requireOpen();
    writes++;
    var fails = isBroken || writes == failing;
    // As on a disk, what fails may have been done in part.
    var done = fails ? length / 2 / PAGE_BYTES * PAGE_BYTES : length;
    for (var i = 0; i < done; i += PAGE_BYTES) {
      if (!pages.containsKey(position + i) && (pages.size() + 1L) * PAGE_BYTES > capacity) {
        throw new IOException("No space left on device");
      }
      System.arraycopy(bytes, i, pages.computeIfAbsent(position + i, _ -> page()), 0, PAGE_BYTES);
    }
    if (fails) {
      throw new IOException("Input/output error");
    }
  }

  private static byte[] page() {
    return new byte[PAGE_BYTES];
  }

  @Override
  public synchronized int read(long position, byte[] bytes, int length) throws IOException {
    requireOpen();
    for (var i = 0; i < length; i += PAGE_BYTES) {
      var page = pages.get(position + i);
      if (page == null) {
        return i;
      }
      System.arraycopy(page, 0, bytes, i, PAGE_BYTES);
    }
    return length;
  }

  @Override
  public synchronized void force() throws IOException {
    requireOpen();
    if (isBroken) {
      throw new IOException("Input/output error");
    }
  }

  @Override
  public synchronized void truncate(long end) throws IOException {
    requireOpen();
    pages.tailMap(end, true).clear();
  }

  @Override
  public synchronized void close() {
    isClosed = true;
    pages.clear();
  }

  synchronized void capacity(long bytes) {
    capacity = bytes;
  }

  synchronized long writes() {
    return writes;
  }

  synchronized void failAt(long write) {
    failing = write;
  }

  synchronized void broken(boolean is) {
    isBroken = is;
  }

  synchronized byte[] content() {
    var all = new ByteArrayOutputStream();
    pages.values().forEach(all::writeBytes);
    return all.toByteArray();
  }
}
