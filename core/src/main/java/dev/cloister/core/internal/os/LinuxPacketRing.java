package dev.cloister.core.internal.os;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.cloister.core.NativeCallException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/** A ring of a packet socket; Documentation/networking/packet_mmap.rst of the kernel. */
final class LinuxPacketRing implements PacketRing {
  private static final int PACKET_RX_RING = 5;
  private static final int PACKET_VERSION = 10;
  private static final int TPACKET_V3 = 2;
  private static final int PACKET_TX_RING = 13;
  private static final int PACKET_IGNORE_OUTGOING = 23;

  /** Frames of this version have the lengths they need; it must only divide a block. */
  private static final int FRAME_BYTES = 2048;

  private static final int PAGE_BYTES = 4096;

  /** Of what a sealed process may share, the least beyond a page; see its list of system calls. */
  private static final int SHARED_BYTES = 2 << 20;

  private static final int BLOCK_MILLIS = 10;

  /** The bit that says a block is ours. */
  private static final int STATUS_USER = 1;

  /** ret 0: lets nothing through. */
  private static final byte[] DEAF = {6, 0, 0, 0, 0, 0, 0, 0};

  private static final VarHandle INT = JAVA_INT.varHandle();

  private final PacketSocket socket;
  private final int index;
  private final int hardware;
  private final OperatingSystem.Pages pages;
  private final int blockBytes;
  private final int blocks;
  private long next;
  private Seen seen = new Seen(0, 0);
  private boolean closed;

  private LinuxPacketRing(
      PacketSocket socket, int index, int hardware, OperatingSystem.Pages pages, int blockBytes) {
    this.socket = socket;
    this.index = index;
    this.hardware = hardware;
    this.pages = pages;
    this.blockBytes = blockBytes;
    this.blocks = (int) (pages.memory().byteSize() / blockBytes);
  }

  /** Takes the socket over, whatever comes of it. */
  static LinuxPacketRing open(PacketSocket socket, String device, int blockBytes, int blocks) {
    try {
      var index = socket.interfaceIndex(device);
      var hardware = socket.hardware(device);
      socket.filter(DEAF);
      socket.set("PACKET_VERSION", PACKET_VERSION, TPACKET_V3);
      var frames = blockBytes / FRAME_BYTES * blocks;
      socket.set(
          "PACKET_RX_RING",
          PACKET_RX_RING,
          blockBytes,
          blocks,
          FRAME_BYTES,
          frames,
          BLOCK_MILLIS,
          0,
          0);
      var bytes = (long) blockBytes * blocks;
      var pages = pagesToSendFrom(bytes);
      socket.set("PACKET_TX_RING", PACKET_TX_RING, PAGE_BYTES, pages, PAGE_BYTES, pages, 0, 0, 0);
      return new LinuxPacketRing(
          socket, index, hardware, map(socket, bytes, pages * PAGE_BYTES), blockBytes);
    } catch (NativeCallException e) {
      socket.close();
      throw e;
    }
  }

  /**
   * The socket can be mapped whole alone, and a sealed process shares memory in multiples of 2 MiB
   * and pages alone: so that it cannot map this one anew, both rings together must be neither.
   */
  private static int pagesToSendFrom(long bytes) {
    return (bytes + PAGE_BYTES) % SHARED_BYTES == 0 ? 2 : 1;
  }

  /** Maps both rings, as the kernel wants it, and gives the one to send from back at once. */
  private static OperatingSystem.Pages map(PacketSocket socket, long bytes, int more) {
    var libc = socket.libc();
    var arena = Arena.ofShared();
    MemorySegment both;
    try {
      both = libc.mapShared(arena, socket.descriptor(), bytes + more);
    } catch (NativeCallException e) {
      arena.close();
      throw e;
    }
    libc.unmap(both.address() + bytes, more);
    var pages = new MappedPages(libc, arena, both.asSlice(0, bytes));
    try {
      libc.dontDump(pages.memory());
    } catch (NativeCallException e) {
      pages.close();
      throw e;
    }
    return pages;
  }

  @Override
  public int hardware() {
    return hardware;
  }

  /** Deaf until it is bound, promiscuous and in its group, so that each frame is heard once. */
  @Override
  public synchronized void listen(boolean promiscuous, int fanoutGroup, byte[] filter) {
    if (hardware == LOOPBACK) {
      // What goes out here comes in here.
      socket.set("PACKET_IGNORE_OUTGOING", PACKET_IGNORE_OUTGOING, 1);
    }
    socket.bind(index);
    if (promiscuous) {
      socket.hearWhatIsForOthers(index);
    }
    if (fanoutGroup != ALONE) {
      socket.share(fanoutGroup);
    }
    socket.filter(filter);
    socket.lockFilter();
  }

  @Override
  public synchronized boolean take(RingBlock into) {
    if (closed) {
      return false;
    }
    var memory = pages.memory();
    var at = next % blocks * blockBytes;
    var status = (int) INT.getAcquire(memory, at + RingBlock.STATUS);
    if ((status & STATUS_USER) == 0) {
      return false;
    }
    var length = memory.get(JAVA_INT, at + RingBlock.LENGTH);
    MemorySegment.copy(memory, JAVA_BYTE, at, into.bytes(), 0, length);
    INT.setRelease(memory, at + RingBlock.STATUS, 0);
    next++;
    into.begin();
    return true;
  }

  @Override
  public synchronized void await(long nanos) {
    if (!closed) {
      socket.await(nanos);
    }
  }

  @Override
  public synchronized Seen seen() {
    if (!closed) {
      var more = socket.seen();
      seen = new Seen(seen.frames() + more.frames(), seen.dropped() + more.dropped());
    }
    return seen;
  }

  @Override
  public synchronized Link link() {
    return closed ? Link.GONE : socket.link(index);
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      try {
        pages.close();
      } finally {
        socket.close();
      }
    }
  }
}
