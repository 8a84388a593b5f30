package dev.cloister.crypto.storage;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * A run of records in one piece of memory, and later on disk. A record is its length, four bytes,
 * and its bytes.
 *
 * <p>Two numbers are changed without the store's lock, each by compare-and-set, so that each can be
 * ended for good by whoever holds the lock. The <em>tail</em> says how far one writer has come; it
 * ends when the block is full or the store stops. The <em>read mark</em> says how far any reader
 * has come; it ends when the block's records are gone. So no record is taken after the tail ended,
 * none is given after the read mark ended, and whoever ends one knows exactly what came before.
 * Everything else is guarded by the store's lock.
 */
final class Block {
  static final int LENGTH_BYTES = Integer.BYTES;

  private static final VarHandle TAIL = handle("tail", long.class);
  private static final VarHandle READ = handle("read", int.class);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

  /** The tail is a count of records, this bit, and a count of bytes. */
  private static final long ENDED = 1L << 31;

  /** Where a block is. */
  enum State {
    /** The writer appends to it. */
    FILLING,
    /** In memory, and to stay there. */
    MEMORY,
    /** In memory, and waiting to be written or being written. */
    QUEUED,
    /** On disk alone. */
    DISK,
    /** Released, lost or closed; no record of it is given any more. */
    GONE
  }

  final long firstRecord;

  /** Whether it goes to disk when it has ended. */
  final boolean spills;

  State state = State.FILLING;

  /** Null when the bytes are no longer in memory. */
  byte @Nullable [] payload;

  /** Readers inside, who keep {@link #payload} from being used again. */
  int readers;

  /** Whether a drainer is inside, who keeps it so too. */
  boolean isWritten;

  /** The read mark when it was last counted. */
  int settled;

  /** Where it is on disk, once it was given a place there. */
  @Nullable Segment segment;

  int index;

  @SuppressWarnings("unused") // through TAIL
  private long tail;

  /** The read mark; its complement once it has ended. */
  @SuppressWarnings("unused") // through READ
  private int read;

  Block(long firstRecord, boolean spills, byte[] payload) {
    this.firstRecord = firstRecord;
    this.spills = spills;
    this.payload = payload;
  }

  private static VarHandle handle(String field, Class<?> type) {
    try {
      return MethodHandles.lookup().findVarHandle(Block.class, field, type);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  // The tail.

  /** Publishes one more record, which ends where {@code bytes} says; false when the tail ended. */
  boolean commit(int bytes) {
    var before = (long) TAIL.getOpaque(this);
    return (before & ENDED) == 0
        && TAIL.compareAndSet(this, before, (((before >>> 32) + 1) << 32) | bytes);
  }

  /** Takes no record any more. */
  void end() {
    TAIL.getAndBitwiseOr(this, ENDED);
  }

  /** Reads the tail, for the three below to take apart. */
  long tail() {
    return (long) TAIL.getAcquire(this);
  }

  static int records(long tail) {
    return (int) (tail >>> 32);
  }

  static int bytes(long tail) {
    return (int) (tail & (ENDED - 1));
  }

  static boolean hasEnded(long tail) {
    return (tail & ENDED) != 0;
  }

  boolean hasEnded() {
    return hasEnded(tail());
  }

  int records() {
    return records(tail());
  }

  /** Returns the number after the last record's; final once the tail has ended. */
  long endRecord() {
    return firstRecord + records();
  }

  // The read mark.

  /** Returns the most records that any reader came past. */
  int read() {
    var mark = (int) READ.getAcquire(this);
    return mark < 0 ? ~mark : mark;
  }

  /**
   * Raises the mark to {@code records}, unless it is there.
   *
   * @return the mark before, or -1 when it has ended
   */
  int raiseRead(int records) {
    var before = (int) READ.getAcquire(this);
    while (before >= 0 && before < records) {
      var witness = (int) READ.compareAndExchange(this, before, records);
      if (witness == before) {
        return before;
      }
      before = witness;
    }
    return Math.max(before, -1);
  }

  /** Gives no record any more; returns where the mark stays. */
  int endRead() {
    int before;
    do {
      before = (int) READ.getAcquire(this);
    } while (before >= 0 && !READ.compareAndSet(this, before, ~before));
    return before < 0 ? ~before : before;
  }

  // The payload.

  static int length(byte[] payload, int offset) {
    return (int) INT.get(payload, offset);
  }

  static void length(byte[] payload, int offset, int length) {
    INT.set(payload, offset, length);
  }
}
