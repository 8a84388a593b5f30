package dev.cloister.crypto.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;
import java.util.concurrent.Semaphore;

/**
 * What blocks are written from: as many buffers as drainers may be at work at once, beside which no
 * other is. Where the file system can, a block goes from its buffer to the device, and not through
 * the kernel's memory, which a store that never reads again soon would only fill. Safe for use by
 * many threads.
 */
final class DiskBuffers {
  /** How many: what one writes the device does while the other's is on its way. */
  static final int DRAINERS = 2;

  private final Semaphore free = new Semaphore(DRAINERS);
  private final Set<? extends OpenOption> writing;

  /** Guarded by itself. */
  private final Deque<Buffer> buffers = new ArrayDeque<>();

  /** A block as the cipher makes it, and as the device takes it. */
  static final class Buffer {
    /** On the heap, where ciphers are fast. */
    final byte[] made;

    /** From 0; who has this buffer is that drainer meanwhile. */
    final int drainer;

    private final ByteBuffer aligned;

    Buffer(int drainer, int blockBytes) {
      this.drainer = drainer;
      made = new byte[blockBytes];
      aligned = aligned(blockBytes);
    }

    /** Returns what was made, where it is written from. */
    ByteBuffer filled() {
      return aligned.clear().put(made).flip();
    }
  }

  private DiskBuffers(Set<? extends OpenOption> writing, int blockBytes) {
    this.writing = writing;
    for (var i = 0; i < DRAINERS; i++) {
      buffers.add(new Buffer(i, blockBytes));
    }
  }

  private static ByteBuffer aligned(int bytes) {
    var wide = ByteBuffer.allocateDirect(bytes + SpillPlan.PAGE_BYTES);
    return wide.alignedSlice(SpillPlan.PAGE_BYTES).limit(bytes).slice();
  }

  /** Makes the buffers for a directory, in which it tries how files can be written. */
  static DiskBuffers in(Path directory, int blockBytes) throws IOException {
    var tried = directory.resolve("tried.spill");
    try {
      Files.createFile(tried);
      var direct = Set.of(StandardOpenOption.WRITE, direct());
      try (var channel = FileChannel.open(tried, direct)) {
        channel.write(aligned(SpillPlan.PAGE_BYTES), 0);
        return new DiskBuffers(direct, blockBytes);
      }
    } catch (IOException | UnsupportedOperationException | ReflectiveOperationException _) {
      return new DiskBuffers(Set.of(StandardOpenOption.WRITE), blockBytes);
    } finally {
      Files.deleteIfExists(tried);
    }
  }

  /**
   * The JDK's option, which no source may name: javac warns of its package, and nothing stops it.
   */
  private static OpenOption direct() throws ReflectiveOperationException {
    var options = Class.forName("com.sun.nio.file.ExtendedOpenOption");
    return (OpenOption) options.getField("DIRECT").get(null);
  }

  /** How a segment's file is opened to be written from these. */
  Set<? extends OpenOption> writing() {
    return writing;
  }

  /** Waits for a buffer. */
  Buffer take() {
    free.acquireUninterruptibly();
    synchronized (buffers) {
      return buffers.removeLast();
    }
  }

  void give(Buffer buffer) {
    synchronized (buffers) {
      buffers.addLast(buffer);
    }
    free.release();
  }

  /** Waits until nobody has one, and lets nobody have one until the work is done. */
  void alone(Work work) throws IOException {
    free.acquireUninterruptibly(DRAINERS);
    try {
      work.run();
    } finally {
      free.release(DRAINERS);
    }
  }

  /** What is done while no drainer is inside. */
  interface Work {
    void run() throws IOException;
  }
}
