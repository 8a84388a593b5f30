package dev.cloister.crypto.storage;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * A run of records in one piece of memory, and later on disk. A record is its length, four bytes,
 * and its bytes.
 *
 * <p>One writer appends and publishes {@link #committed} and {@link #records}; readers see every
 * record below it, and publish {@link #read}. Everything else is guarded by the store's lock.
 */
final class Block {
  static final int LENGTH_BYTES = Integer.BYTES;

  private static final VarHandle COMMITTED = handle("committed");
  private static final VarHandle RECORDS = handle("records");
  private static final VarHandle READ = handle("read");
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

  /** Where a block is. */
  enum State {
    /** The writer appends to it. */
    FILLING,
    /** Full, in memory, and to stay there. */
    MEMORY,
    /** Full, and waiting to be written. */
    QUEUED,
    /** Being written. */
    WRITING,
    /** On disk alone. */
    DISK,
    /** Gone, with a cause. */
    LOST,
    /** Given back. */
    RELEASED
  }

  final long firstRecord;

  /** Whether it goes to disk when it is full. */
  final boolean spills;

  State state = State.FILLING;

  /** Null when the bytes are no longer in memory. */
  byte @Nullable [] payload;

  /** Readers inside {@link #payload}. */
  int pins;

  @Nullable Segment segment;
  int index;

  /** Set once no record comes any more. */
  volatile boolean full;

  @SuppressWarnings("unused") // through COMMITTED
  private int committed;

  @SuppressWarnings("unused") // through RECORDS
  private int records;

  @SuppressWarnings("unused") // through READ
  private int read;

  Block(long firstRecord, boolean spills, byte[] payload) {
    this.firstRecord = firstRecord;
    this.spills = spills;
    this.payload = payload;
  }

  private static VarHandle handle(String field) {
    try {
      return MethodHandles.lookup().findVarHandle(Block.class, field, int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** Returns how many records there are; final once the block is full. */
  int records() {
    return (int) RECORDS.getAcquire(this);
  }

  long endRecord() {
    return firstRecord + records();
  }

  /** Returns how many bytes a reader may look at. */
  int committed() {
    return (int) COMMITTED.getAcquire(this);
  }

  /** Publishes one more record, which ends where {@code bytes} says. */
  void commit(int bytes) {
    RECORDS.setRelease(this, (int) RECORDS.get(this) + 1);
    COMMITTED.setRelease(this, bytes);
  }

  /** Returns the most records that a reader has been given. */
  int read() {
    return (int) READ.getAcquire(this);
  }

  void raiseRead(int records) {
    int before;
    do {
      before = (int) READ.getAcquire(this);
    } while (before < records && !READ.compareAndSet(this, before, records));
  }

  static int length(byte[] payload, int offset) {
    return (int) INT.get(payload, offset);
  }

  static void length(byte[] payload, int offset, int length) {
    INT.set(payload, offset, length);
  }
}
