package dev.cloister.core.internal.os;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * A network interface as libpcap captures from it, and the frame it gave last. It never waits for a
 * frame. What keeps {@link PacketRing} from sending is not here: whoever holds the handle's socket
 * can send.
 *
 * <p>Safe for use by many threads, each of which waits for the other; after {@link #close} nothing
 * comes any more. Source: pcap(3PCAP) and the pages it names.
 */
public final class PcapHandle implements AutoCloseable {
  /** How long a system may collect frames before it hands them over. */
  private static final int HAND_OVER_MILLIS = 10;

  private static final int NANOSECONDS = 1;
  private static final int NO_SUCH_OPTION = -12;
  private static final int MICRO_IN_NANOS = 1000;
  private static final long SECOND_IN_NANOS = 1_000_000_000L;

  /** struct pcap_pkthdr: a struct timeval of 16 bytes, two lengths. */
  private static final int HEAD_BYTES = 24;

  private static final int FRACTION = 8;
  private static final int CAPTURED = 16;
  private static final int ON_THE_WIRE = 20;

  /** struct pcap_stat. */
  private static final int STATISTICS_BYTES = 12;

  private static final int DROPPED = 4;

  private static final FunctionDescriptor SETTING =
      FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT);

  private final Arena arena = Arena.ofShared();
  private final MemorySegment handle;
  private final MemorySegment out;
  private final MemorySegment statistics;
  private final MethodHandle nextFrame;
  private final MethodHandle readStatistics;
  private final MethodHandle lastError;
  private final MethodHandle close;
  private final int nanosAFraction;
  private final int linkType;
  private final byte[] bytes;

  private boolean closed;
  private int length;
  private int wireLength;
  private long timeNanos;

  /** What libpcap counted when it was last asked; its counter has 32 bits and goes round. */
  private int droppedWhenAsked;

  private long dropped;

  private PcapHandle(String device, int snapBytes, boolean promiscuous, int bufferBytes)
      throws IOException {
    try {
      var pcap = new Libpcap(arena);
      nextFrame =
          pcap.bind("pcap_next_ex", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS));
      readStatistics = pcap.bind("pcap_stats", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS));
      lastError = pcap.bind("pcap_geterr", FunctionDescriptor.of(ADDRESS, ADDRESS));
      close = pcap.bind("pcap_close", FunctionDescriptor.ofVoid(ADDRESS));
      out = arena.allocate(2 * ADDRESS.byteSize(), ADDRESS.byteSize());
      statistics = arena.allocate(STATISTICS_BYTES, Integer.BYTES);
      bytes = new byte[snapBytes];
      var words = pcap.noWords();
      handle =
          (MemorySegment)
              pcap.bind("pcap_create", FunctionDescriptor.of(ADDRESS, ADDRESS, ADDRESS))
                  .invokeExact(arena.allocateFrom(device), words);
      if (handle.address() == 0) {
        throw new IOException(Libpcap.words(words));
      }
      try {
        set(pcap, "pcap_set_snaplen", snapBytes);
        set(pcap, "pcap_set_promisc", promiscuous ? 1 : 0);
        set(pcap, "pcap_set_timeout", HAND_OVER_MILLIS);
        set(pcap, "pcap_set_buffer_size", bufferBytes);
        var answer =
            (int) pcap.bind("pcap_set_tstamp_precision", SETTING).invokeExact(handle, NANOSECONDS);
        nanosAFraction = answer == NO_SUCH_OPTION ? MICRO_IN_NANOS : 1;
        activate(pcap);
        var dataLink = pcap.bind("pcap_datalink", FunctionDescriptor.of(JAVA_INT, ADDRESS));
        linkType = Libpcap.linkType((int) dataLink.invokeExact(handle));
        var setNonBlocking =
            pcap.bind(
                "pcap_setnonblock", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, ADDRESS));
        if ((int) setNonBlocking.invokeExact(handle, 1, words) != 0) {
          throw new IOException(Libpcap.words(words));
        }
      } catch (Throwable e) {
        close.invokeExact(handle);
        throw e;
      }
    } catch (IOException e) {
      arena.close();
      throw e;
    } catch (Throwable e) {
      arena.close();
      throw Libpcap.notCalled(e);
    }
  }

  /**
   * Begins to capture all there is.
   *
   * @param device the interface's name
   * @param snapBytes how much of a frame is captured at most
   * @param promiscuous whether frames for other machines are wanted
   * @param bufferBytes how much the system may hold
   * @return a handle that the caller closes
   * @throws OperatingSystem.UnsupportedHere where libpcap is not installed, or cannot be called
   * @throws IOException with libpcap's words when it cannot capture
   */
  public static PcapHandle open(String device, int snapBytes, boolean promiscuous, int bufferBytes)
      throws IOException {
    return new PcapHandle(device, snapBytes, promiscuous, bufferBytes);
  }

  /**
   * Compiles an expression of pcap-filter(7); libpcap is loaded for that and unloaded.
   *
   * @param expression what to let through
   * @param linkType what the frames begin with, as a LINKTYPE number of the pcap registry
   * @param snapBytes what the program returns for a frame that it lets through
   * @return struct bpf_insn[], which is struct sock_filter[]: 8 bytes an instruction
   * @throws OperatingSystem.UnsupportedHere where libpcap is not installed, or cannot be called
   * @throws IllegalArgumentException with libpcap's words when the expression is none
   */
  public static byte[] compile(String expression, int linkType, int snapBytes) {
    try (var arena = Arena.ofConfined()) {
      return new Libpcap(arena).compile(expression, linkType, snapBytes);
    }
  }

  private void set(Libpcap pcap, String setting, int value) throws Throwable {
    if ((int) pcap.bind(setting, SETTING).invokeExact(handle, value) != 0) {
      throw new IOException(setting + " " + value + " is refused");
    }
  }

  /** What is more than nothing is a warning. */
  private void activate(Libpcap pcap) throws Throwable {
    var answer =
        (int)
            pcap.bind("pcap_activate", FunctionDescriptor.of(JAVA_INT, ADDRESS))
                .invokeExact(handle);
    if (answer < 0) {
      var meaning = pcap.bind("pcap_statustostr", FunctionDescriptor.of(ADDRESS, JAVA_INT));
      var status = Libpcap.words((MemorySegment) meaning.invokeExact(answer));
      var words = error();
      throw new IOException(words.isEmpty() ? status : status + ": " + words);
    }
  }

  private String error() throws Throwable {
    return Libpcap.words((MemorySegment) lastError.invokeExact(handle));
  }

  /**
   * Returns what frames begin with.
   *
   * @return a LINKTYPE number of the pcap registry
   */
  public int linkType() {
    return linkType;
  }

  /**
   * Lets through from now on what a program does.
   *
   * @param instructions struct bpf_insn[], 8 bytes an instruction
   * @throws IOException with libpcap's words when it is none
   */
  public synchronized void filter(byte[] instructions) throws IOException {
    try (var own = Arena.ofConfined()) {
      var pcap = new Libpcap(own);
      var set = pcap.bind("pcap_setfilter", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS));
      if ((int) set.invokeExact(handle, pcap.program(instructions)) != 0) {
        throw new IOException(error());
      }
    } catch (IOException e) {
      throw e;
    } catch (Throwable e) {
      throw Libpcap.notCalled(e);
    }
  }

  /**
   * Goes to the next frame.
   *
   * @return false when there is none now
   * @throws IOException with libpcap's words when none can come; what is still held may come later
   */
  public synchronized boolean next() throws IOException {
    if (closed) {
      return false;
    }
    try {
      var data = out.asSlice(ADDRESS.byteSize());
      var answer = (int) nextFrame.invokeExact(handle, out, data);
      if (answer < 0) {
        throw new IOException(error());
      }
      if (answer == 0) {
        return false;
      }
      take(Libpcap.memory(out.get(ADDRESS, 0), HEAD_BYTES), out.get(ADDRESS, ADDRESS.byteSize()));
      return true;
    } catch (IOException e) {
      throw e;
    } catch (Throwable e) {
      throw Libpcap.notCalled(e);
    }
  }

  private void take(MemorySegment head, MemorySegment frame) {
    length = Math.min(head.get(JAVA_INT, CAPTURED), bytes.length);
    wireLength = head.get(JAVA_INT, ON_THE_WIRE);
    // Of 32 bits on some systems; where it is of 64 the others are zero, and behind.
    var fraction = head.get(JAVA_INT, FRACTION);
    timeNanos = head.get(JAVA_LONG, 0) * SECOND_IN_NANOS + (long) fraction * nanosAFraction;
    MemorySegment.copy(Libpcap.memory(frame, length), JAVA_BYTE, 0, bytes, 0, length);
  }

  /**
   * Returns the array that begins with the frame.
   *
   * @return the same one always
   */
  public byte[] bytes() {
    return bytes;
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
   * @return nanoseconds since 1970-01-01T00:00:00Z, of microseconds where the system has no better
   */
  public long timeNanos() {
    return timeNanos;
  }

  /**
   * Asks how many frames found the buffer full.
   *
   * @return since the beginning, if it is asked at least once in four thousand million of them
   */
  public synchronized long dropped() {
    if (!closed) {
      try {
        if ((int) readStatistics.invokeExact(handle, statistics) == 0) {
          var now = statistics.get(JAVA_INT, DROPPED);
          dropped += Integer.toUnsignedLong(now - droppedWhenAsked);
          droppedWhenAsked = now;
        }
      } catch (Throwable e) {
        throw Libpcap.notCalled(e);
      }
    }
    return dropped;
  }

  /** Ends the capture; a second call does nothing. */
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      try {
        close.invokeExact(handle);
      } catch (Throwable e) {
        throw Libpcap.notCalled(e);
      } finally {
        arena.close();
      }
    }
  }
}
