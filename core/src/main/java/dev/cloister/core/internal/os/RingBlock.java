package dev.cloister.core.internal.os;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * One block of a {@link PacketRing}, copied, and a place in it: struct tpacket_block_desc, then
 * struct tpacket3_hdr and a frame, again and again. A tag of a virtual LAN that the interface took
 * off stands in the frame again. Not safe for use by many threads.
 */
public final class RingBlock {
  /** Where the parts of a block's head are. */
  static final int STATUS = 8;

  static final int LENGTH = 20;
  private static final int FRAMES = 12;
  private static final int FIRST = 16;

  private static final int NEXT = 0;
  private static final int SECONDS = 4;
  private static final int NANOS = 8;
  private static final int CAPTURED = 12;
  private static final int ON_THE_WIRE = 16;
  private static final int FRAME_STATUS = 20;
  private static final int FRAME = 24;
  private static final int TAG = 32;
  private static final int TAG_TYPE = 36;

  private static final int VLAN_VALID = 0x10;
  private static final int VLAN_TYPE_VALID = 0x40;
  private static final short VLAN = (short) 0x8100;
  private static final int ADDRESSES_BYTES = 12;
  private static final int TAG_BYTES = 4;

  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.nativeOrder());
  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.nativeOrder());
  private static final VarHandle NETWORK_SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);

  private final byte[] bytes;
  private int left;
  private int following;
  private int offset;
  private int length;
  private int wireLength;
  private long timeNanos;

  /**
   * Makes one without frames.
   *
   * @param blockBytes the size of the ring's blocks
   */
  public RingBlock(int blockBytes) {
    this.bytes = new byte[blockBytes];
  }

  /**
   * Returns the array that holds the frames.
   *
   * @return the same one always
   */
  public byte[] bytes() {
    return bytes;
  }

  /** Goes before the first frame of what was copied into {@link #bytes()}. */
  void begin() {
    left = number(FRAMES);
    following = number(FIRST);
  }

  private int number(int at) {
    return (int) INT.get(bytes, at);
  }

  /**
   * Goes to the next frame.
   *
   * @return false when there is none
   */
  public boolean next() {
    if (left == 0) {
      return false;
    }
    left--;
    var head = following;
    following += number(head + NEXT);
    offset = head + ((short) SHORT.get(bytes, head + FRAME) & 0xffff);
    length = number(head + CAPTURED);
    wireLength = number(head + ON_THE_WIRE);
    timeNanos =
        Integer.toUnsignedLong(number(head + SECONDS)) * 1_000_000_000L + number(head + NANOS);
    if ((number(head + FRAME_STATUS) & VLAN_VALID) != 0 && length >= ADDRESSES_BYTES) {
      putTagBack(head);
    }
    return true;
  }

  /** Before the frame is its head, which has been read: the addresses move there. */
  private void putTagBack(int head) {
    var hasType = (number(head + FRAME_STATUS) & VLAN_TYPE_VALID) != 0;
    var type = hasType ? (short) SHORT.get(bytes, head + TAG_TYPE) : VLAN;
    var tag = (short) number(head + TAG);
    System.arraycopy(bytes, offset, bytes, offset - TAG_BYTES, ADDRESSES_BYTES);
    offset -= TAG_BYTES;
    length += TAG_BYTES;
    wireLength += TAG_BYTES;
    NETWORK_SHORT.set(bytes, offset + ADDRESSES_BYTES, type);
    NETWORK_SHORT.set(bytes, offset + ADDRESSES_BYTES + 2, tag);
  }

  /**
   * Returns where in {@link #bytes()} the frame begins.
   *
   * @return an index
   */
  public int offset() {
    return offset;
  }

  /**
   * Returns how much of the frame was captured.
   *
   * @return bytes
   */
  public int length() {
    return length;
  }

  /**
   * Returns how long the frame was on the wire.
   *
   * @return bytes
   */
  public int wireLength() {
    return wireLength;
  }

  /**
   * Returns when the frame was captured.
   *
   * @return nanoseconds since 1970-01-01T00:00:00Z
   */
  public long timeNanos() {
    return timeNanos;
  }
}
