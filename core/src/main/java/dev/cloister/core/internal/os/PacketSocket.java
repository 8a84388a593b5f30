package dev.cloister.core.internal.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.cloister.core.NativeCallException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;

/** The system calls on one packet socket, with their structures as on 64 bit; packet(7). */
final class PacketSocket {
  private static final int AF_PACKET = 17;
  private static final int SOCK_RAW_CLOEXEC = 3 | 0x80000;

  /** ETH_P_ALL, in the order of the network. */
  private static final short EVERY_PROTOCOL = 0x0300;

  private static final int SOL_SOCKET = 1;
  private static final int SO_ERROR = 4;
  private static final int SO_ATTACH_FILTER = 26;
  private static final int SO_LOCK_FILTER = 44;

  private static final int SOL_PACKET = 263;
  private static final int PACKET_ADD_MEMBERSHIP = 1;
  private static final int PACKET_STATISTICS = 6;
  private static final int PACKET_FANOUT = 18;
  private static final int PACKET_MR_PROMISC = 1;

  private static final int SIOCGIFNAME = 0x8910;
  private static final int SIOCGIFFLAGS = 0x8913;
  private static final int SIOCGIFHWADDR = 0x8927;
  private static final int SIOCGIFINDEX = 0x8933;
  private static final int IFREQ_BYTES = 40;
  private static final int IFREQ_VALUE = 16;
  private static final int IFF_UP_AND_RUNNING = 1 | 0x40;

  private static final int ENODEV = 19;
  private static final int EINTR = 4;
  private static final short POLLIN = 1;

  private final Kernel kernel;
  private final int descriptor;

  /** Makes a socket that is bound to nothing, and so hears nothing. */
  PacketSocket(Kernel kernel) {
    this.kernel = kernel;
    this.descriptor =
        (int) kernel.call("socket", SystemCall.SOCKET, AF_PACKET, SOCK_RAW_CLOEXEC, 0);
  }

  Libc libc() {
    return kernel.libc();
  }

  int descriptor() {
    return descriptor;
  }

  private void set(String name, int level, int option, MemorySegment value) {
    kernel.call(
        "setsockopt(" + name + ")",
        SystemCall.SETSOCKOPT,
        descriptor,
        level,
        option,
        value.address(),
        value.byteSize());
  }

  /** Sets an option of packet sockets to some numbers. */
  void set(String name, int option, int... numbers) {
    try (var arena = Arena.ofConfined()) {
      set(name, SOL_PACKET, option, arena.allocateFrom(JAVA_INT, numbers));
    }
  }

  private void get(String name, int level, int option, MemorySegment into) {
    try (var arena = Arena.ofConfined()) {
      var length = arena.allocateFrom(JAVA_INT, (int) into.byteSize());
      kernel.call(
          "getsockopt(" + name + ")",
          SystemCall.GETSOCKOPT,
          descriptor,
          level,
          option,
          into.address(),
          length.address());
    }
  }

  /** Asks about an interface; netdevice(7). */
  private void ask(String name, int request, MemorySegment ifreq) {
    kernel.call("ioctl(" + name + ")", SystemCall.IOCTL, descriptor, request, ifreq.address());
  }

  private static MemorySegment named(Arena arena, String device) {
    var ifreq = arena.allocate(IFREQ_BYTES, 8);
    ifreq.setString(0, device);
    return ifreq;
  }

  int interfaceIndex(String device) {
    try (var arena = Arena.ofConfined()) {
      var ifreq = named(arena, device);
      ask("SIOCGIFINDEX", SIOCGIFINDEX, ifreq);
      return ifreq.get(JAVA_INT, IFREQ_VALUE);
    }
  }

  int hardware(String device) {
    try (var arena = Arena.ofConfined()) {
      var ifreq = named(arena, device);
      ask("SIOCGIFHWADDR", SIOCGIFHWADDR, ifreq);
      return ifreq.get(JAVA_SHORT, IFREQ_VALUE) & 0xffff;
    }
  }

  /** By its number, which stays when it is renamed. */
  PacketRing.Link link(int index) {
    try (var arena = Arena.ofConfined()) {
      var ifreq = arena.allocate(IFREQ_BYTES, 8);
      ifreq.set(JAVA_INT, IFREQ_VALUE, index);
      ask("SIOCGIFNAME", SIOCGIFNAME, ifreq);
      ask("SIOCGIFFLAGS", SIOCGIFFLAGS, ifreq);
      var flags = ifreq.get(JAVA_SHORT, IFREQ_VALUE);
      return (flags & IFF_UP_AND_RUNNING) == IFF_UP_AND_RUNNING
          ? PacketRing.Link.UP
          : PacketRing.Link.DOWN;
    } catch (NativeCallException e) {
      if (e.errno() == ENODEV) {
        return PacketRing.Link.GONE;
      }
      throw e;
    }
  }

  void bind(int index) {
    try (var arena = Arena.ofConfined()) {
      var address = arena.allocate(20, 4);
      address.set(JAVA_SHORT, 0, (short) AF_PACKET);
      address.set(JAVA_SHORT, 2, EVERY_PROTOCOL);
      address.set(JAVA_INT, 4, index);
      kernel.call("bind", SystemCall.BIND, descriptor, address.address(), address.byteSize());
    }
  }

  /** Until the socket is closed. */
  void hearWhatIsForOthers(int index) {
    set("PACKET_ADD_MEMBERSHIP", PACKET_ADD_MEMBERSHIP, index, PACKET_MR_PROMISC, 0, 0);
  }

  /** PACKET_FANOUT_HASH, which gives both directions of a flow to one ring. */
  void share(int group) {
    set("PACKET_FANOUT", PACKET_FANOUT, group);
  }

  /** Attaches struct sock_filter[]; another that is attached is replaced at once. */
  void filter(byte[] program) {
    try (var arena = Arena.ofConfined()) {
      var instructions = arena.allocate(program.length, 8);
      instructions.copyFrom(MemorySegment.ofArray(program));
      var all = arena.allocate(16, 8);
      all.set(JAVA_SHORT, 0, (short) (program.length / 8));
      all.set(JAVA_LONG, 8, instructions.address());
      set("SO_ATTACH_FILTER", SOL_SOCKET, SO_ATTACH_FILTER, all);
    }
  }

  void lockFilter() {
    try (var arena = Arena.ofConfined()) {
      set("SO_LOCK_FILTER", SOL_SOCKET, SO_LOCK_FILTER, arena.allocateFrom(JAVA_INT, 1));
    }
  }

  /** Reads the counters, which the kernel sets to 0 thereby. */
  PacketRing.Seen seen() {
    try (var arena = Arena.ofConfined()) {
      var counters = arena.allocate(12, 4);
      get("PACKET_STATISTICS", SOL_PACKET, PACKET_STATISTICS, counters);
      return new PacketRing.Seen(
          Integer.toUnsignedLong(counters.get(JAVA_INT, 0)),
          Integer.toUnsignedLong(counters.get(JAVA_INT, 4)));
    }
  }

  /** Waits for a block, a signal, or an error, which it takes away: it would end each wait. */
  void await(long nanos) {
    try (var arena = Arena.ofConfined()) {
      var polled = arena.allocate(8, 8);
      polled.set(JAVA_INT, 0, descriptor);
      polled.set(JAVA_SHORT, 4, POLLIN);
      var time = arena.allocate(16, 8);
      time.set(JAVA_LONG, 0, TimeUnit.NANOSECONDS.toSeconds(nanos));
      time.set(JAVA_LONG, 8, nanos % TimeUnit.SECONDS.toNanos(1));
      kernel.call("ppoll", SystemCall.PPOLL, polled.address(), 1, time.address(), 0, 0);
      if ((polled.get(JAVA_SHORT, 6) & ~POLLIN) != 0) {
        get("SO_ERROR", SOL_SOCKET, SO_ERROR, arena.allocate(JAVA_INT));
      }
    } catch (NativeCallException e) {
      if (e.errno() != EINTR) {
        throw e;
      }
    }
  }

  void close() {
    kernel.libc().close(descriptor);
  }
}
