package dev.cloister.core.internal.os;

/**
 * Memory that the kernel writes an interface's frames to, block by block; TPACKET_V3 of packet(7).
 * It only receives: bytes that are handed to its socket are not sent, because an empty transmit
 * ring, which is mapped nowhere, has taken their place. Only who maps the socket anew could fill
 * that ring: the seal's list of system calls is against it, which shares no memory of that length.
 *
 * <p>Safe for use by many threads, each of which waits for the other; after {@link #close} nothing
 * comes any more.
 */
public sealed interface PacketRing extends AutoCloseable permits LinuxPacketRing {
  /** No fanout. */
  int ALONE = -1;

  /** ARPHRD_ETHER. */
  int ETHERNET = 1;

  /** ARPHRD_LOOPBACK. */
  int LOOPBACK = 772;

  /**
   * What passed the filter since {@link #listen}.
   *
   * @param frames all of them
   * @param dropped those for which the ring had no room
   */
  record Seen(long frames, long dropped) {}

  /** What became of the interface. */
  enum Link {
    /** It carries frames. */
    UP,
    /** It is down, or has no carrier; it may come up again. */
    DOWN,
    /** It was removed, and does not come back to this ring. */
    GONE
  }

  /**
   * Tells what kind of hardware the interface is.
   *
   * @return ARPHRD_… of linux/if_arp.h
   */
  int hardware();

  /**
   * Begins to hear, once. The filter is in place before the first frame, and locked.
   *
   * @param promiscuous whether frames for other machines are wanted
   * @param fanoutGroup the group of rings that share the frames by their flows, or {@link #ALONE}
   * @param filter struct sock_filter[] that decides before a frame is copied or counted
   */
  void listen(boolean promiscuous, int fanoutGroup, byte[] filter);

  /**
   * Copies the next full block and gives it back to the kernel. The kernel ends a block that has
   * frames after 10 ms, however full it is.
   *
   * @param into a block of this ring's size
   * @return false when none is full
   */
  boolean take(RingBlock into);

  /**
   * Waits until a block is full, the interface goes down, or the time is over.
   *
   * @param nanos how long, at most
   */
  void await(long nanos);

  /**
   * Reads the kernel's counters.
   *
   * @return what was counted so far
   */
  Seen seen();

  /**
   * Looks at the interface.
   *
   * @return how it is now
   */
  Link link();

  /** Stops hearing, zeroes and unmaps the ring; a second call does nothing. */
  @Override
  void close();
}
