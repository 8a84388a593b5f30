package dev.cloister.tracing.capture;

/**
 * One captured frame, as a view of someone else's bytes. It is valid until the callback that gave
 * it returns; whoever wants to keep it copies it. Not safe for use by many threads.
 */
public final class Frame {
  /** The link of what was captured from none: only its maker knows what it is. */
  public static final int NO_LINK = -1;

  private byte[] bytes = {};
  private int offset;
  private int length;
  private int wireLength;
  private int linkType;
  private long timeNanos;

  /** Makes a view of nothing. */
  public Frame() {}

  /**
   * Points the view elsewhere.
   *
   * @param array holds the frame
   * @param from where it begins
   * @param captured how many bytes were captured
   * @param onTheWire how many bytes the frame had on the wire
   * @param link what the frame begins with, as a LINKTYPE number of the pcap registry
   * @param nanos when it was captured, in nanoseconds since 1970-01-01T00:00:00Z
   * @return this
   */
  public Frame set(byte[] array, int from, int captured, int onTheWire, int link, long nanos) {
    this.bytes = array;
    this.offset = from;
    this.length = captured;
    this.wireLength = onTheWire;
    this.linkType = link;
    this.timeNanos = nanos;
    return this;
  }

  /**
   * Returns the array that holds the frame.
   *
   * @return not to be changed
   */
  public byte[] bytes() {
    return bytes;
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
   * Returns what the frame begins with.
   *
   * @return a LINKTYPE number of the pcap registry, such as 1 for Ethernet, or {@link #NO_LINK}
   */
  public int linkType() {
    return linkType;
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
