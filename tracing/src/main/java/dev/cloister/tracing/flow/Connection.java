package dev.cloister.tracing.flow;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one connection. The two ends are told apart as the lower and the higher, so that
 * both directions find it.
 */
final class Connection implements Flow {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

  /** Which of the reassembler's lists a connection is in. */
  enum Age {
    /** No data yet. */
    EMBRYONIC,
    /** With data, and open. */
    OPEN,
    /** Closed by its ends; its last packets may still come. */
    CLOSING,
    /** Ended for the listener; remembered for its number. */
    ENDED
  }

  final long number;
  private final long lowLeft;
  private final long lowRight;
  private final long highLeft;
  private final long highRight;

  /** IP version, the lower end's port, the higher end's port. */
  private final long ports;

  final int hash;
  final boolean clientIsLow;

  Age age = Age.EMBRYONIC;
  @Nullable Connection previous;
  @Nullable Connection next;
  long listedAt;

  /** Why and when it ended, once it has. */
  EndCause endCause = EndCause.CAPTURE_ENDED;

  long endedAt;

  /** Direction by direction: the number before the first, as SYN or first packet gave it. */
  private int clientBase;

  private int serverBase;

  /** Direction by direction: the number of the last FIN. */
  private int clientFin;

  private int serverFin;

  private int known;

  private @Nullable Half clientHalf;
  private @Nullable Half serverHalf;
  private @Nullable Object attachment;

  /** Whether the listener was told that both ends have closed. */
  boolean isClosedTold;

  private static final int BASE_KNOWN = 1;
  private static final int SYN_SEEN = 4;
  private static final int FIN_SEEN = 16;
  private static final int RST_SEEN = 64;

  Connection(
      long number,
      long lowLeft,
      long lowRight,
      long highLeft,
      long highRight,
      long ports,
      int hash,
      boolean clientIsLow) {
    this.number = number;
    this.lowLeft = lowLeft;
    this.lowRight = lowRight;
    this.highLeft = highLeft;
    this.highRight = highRight;
    this.ports = ports;
    this.hash = hash;
    this.clientIsLow = clientIsLow;
  }

  boolean isBetween(
      long otherLowLeft, long otherLowRight, long otherHighLeft, long otherHighRight, long both) {
    return lowRight == otherLowRight
        && highRight == otherHighRight
        && ports == both
        && lowLeft == otherLowLeft
        && highLeft == otherHighLeft;
  }

  static int index(Direction direction) {
    return direction == Direction.CLIENT_TO_SERVER ? 0 : 1;
  }

  Direction direction(boolean sourceIsLow) {
    return sourceIsLow == clientIsLow ? Direction.CLIENT_TO_SERVER : Direction.SERVER_TO_CLIENT;
  }

  boolean isBaseKnown(Direction direction) {
    return has(BASE_KNOWN, direction);
  }

  int base(Direction direction) {
    return direction == Direction.CLIENT_TO_SERVER ? clientBase : serverBase;
  }

  void base(Direction direction, int sequence) {
    if (direction == Direction.CLIENT_TO_SERVER) {
      clientBase = sequence;
    } else {
      serverBase = sequence;
    }
    set(BASE_KNOWN, direction);
  }

  boolean isSynSeen(Direction direction) {
    return has(SYN_SEEN, direction);
  }

  void synSeen(Direction direction) {
    set(SYN_SEEN, direction);
  }

  void finSeen(Direction direction, int sequence) {
    if (direction == Direction.CLIENT_TO_SERVER) {
      clientFin = sequence;
    } else {
      serverFin = sequence;
    }
    set(FIN_SEEN, direction);
  }

  void rstSeen(Direction direction) {
    set(RST_SEEN, direction);
  }

  boolean isReset() {
    return (known & (RST_SEEN | (RST_SEEN << 1))) != 0;
  }

  boolean isClosed() {
    return isReset()
        || (has(FIN_SEEN, Direction.CLIENT_TO_SERVER) && has(FIN_SEEN, Direction.SERVER_TO_CLIENT));
  }

  /** Tells whether both ends have sent their FIN, and all that stands before it was given. */
  boolean isFinished() {
    return has(FIN_SEEN, Direction.CLIENT_TO_SERVER)
        && has(FIN_SEEN, Direction.SERVER_TO_CLIENT)
        && isGivenUpTo(clientFin, clientHalf, clientBase)
        && isGivenUpTo(serverFin, serverHalf, serverBase);
  }

  private static boolean isGivenUpTo(int fin, @Nullable Half half, int base) {
    return half == null
        ? fin == base + 1
        : fin == half.nextSequence && !half.holding && !half.isWaiting();
  }

  private boolean has(int bit, Direction direction) {
    return (known & (bit << index(direction))) != 0;
  }

  private void set(int bit, Direction direction) {
    known |= bit << index(direction);
  }

  @Nullable Half half(Direction direction) {
    return direction == Direction.CLIENT_TO_SERVER ? clientHalf : serverHalf;
  }

  void half(Direction direction, Half half) {
    if (direction == Direction.CLIENT_TO_SERVER) {
      clientHalf = half;
    } else {
      serverHalf = half;
    }
  }

  /** Forgets everything but what finds and numbers this connection. */
  void strip() {
    clientHalf = null;
    serverHalf = null;
    attachment = null;
  }

  @Override
  public long number() {
    return number;
  }

  @Override
  public int addressBytes() {
    return ports >>> Integer.SIZE == 4 ? 4 : 16;
  }

  private boolean isLow(Direction sender) {
    return (sender == Direction.CLIENT_TO_SERVER) == clientIsLow;
  }

  @Override
  public void sourceAddress(Direction direction, byte[] out, int offset) {
    if (addressBytes() == 4) {
      INT.set(out, offset, (int) (isLow(direction) ? lowRight : highRight));
    } else {
      LONG.set(out, offset, isLow(direction) ? lowLeft : highLeft);
      LONG.set(out, offset + Long.BYTES, isLow(direction) ? lowRight : highRight);
    }
  }

  @Override
  public int sourcePort(Direction direction) {
    return (int) (isLow(direction) ? ports >>> Short.SIZE : ports) & 0xffff;
  }

  @Override
  public boolean isFromTheBeginning() {
    return isSynSeen(Direction.CLIENT_TO_SERVER) || isSynSeen(Direction.SERVER_TO_CLIENT);
  }

  @Override
  public @Nullable Object attachment() {
    return attachment;
  }

  @Override
  public void attach(@Nullable Object state) {
    attachment = state;
  }
}
