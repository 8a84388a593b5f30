package dev.cloister.core.internal.os;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.cloister.core.internal.os.OperatingSystem.UnsupportedHere;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.Optional;

/**
 * libpcap, for as long as an arena lives: with {@link FfmLibc} the only class of the project that
 * binds native code. It asks nothing of the system but that libpcap is there. Source: pcap(3PCAP).
 */
@SuppressWarnings("restricted") // As in FfmLibc.
final class Libpcap {
  /** By the names of Debian, of others, and of macOS. */
  private static final List<String> FILES =
      List.of("libpcap.so.1", "libpcap.so.0.8", "libpcap.so", "/usr/lib/libpcap.A.dylib");

  private static final Linker LINKER = Linker.nativeLinker();
  private static final long ERROR_BYTES = 256;

  private static final int OPTIMIZE = 1;
  private static final int NETMASK_UNKNOWN = -1;
  private static final int INSTRUCTION_BYTES = 8;

  /** What the registry calls 101, libpcap calls by old numbers, which differ by system. */
  private static final int LINKTYPE_RAW = 101;

  private static final int DLT_RAW = 12;
  private static final int DLT_RAW_OF_OPENBSD = 14;

  private final Arena arena;
  private final SymbolLookup library;

  /** Loads it until the arena is closed. */
  Libpcap(Arena arena) {
    if (!Libpcap.class.getModule().isNativeAccessEnabled()) {
      throw new UnsupportedHere(OperatingSystem.NO_NATIVE_ACCESS);
    }
    this.arena = arena;
    this.library =
        FILES.stream()
            .flatMap(file -> find(file).stream())
            .findFirst()
            .orElseThrow(() -> new UnsupportedHere("libpcap is not installed: " + FILES));
  }

  private Optional<SymbolLookup> find(String file) {
    try {
      return Optional.of(SymbolLookup.libraryLookup(file, arena));
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  MethodHandle bind(String name, FunctionDescriptor type) {
    return LINKER.downcallHandle(library.findOrThrow(name), type);
  }

  /** Returns a piece of the memory at an address that libpcap gave. */
  static MemorySegment memory(MemorySegment address, long bytes) {
    return address.reinterpret(bytes);
  }

  /** Returns the words that libpcap left at an address. */
  static String words(MemorySegment address) {
    return address.reinterpret(ERROR_BYTES).getString(0);
  }

  /** Returns where libpcap leaves its words, which are none yet. */
  MemorySegment noWords() {
    return arena.allocate(ERROR_BYTES);
  }

  /** Returns a struct bpf_program. */
  MemorySegment program(byte[] instructions) {
    var program = arena.allocate(16, 8);
    program.set(JAVA_INT, 0, instructions.length / INSTRUCTION_BYTES);
    program.set(ADDRESS, 8, arena.allocateFrom(JAVA_BYTE, instructions));
    return program;
  }

  /** Returns the registry's number for one of libpcap's. */
  static int linkType(int dataLink) {
    return dataLink == DLT_RAW || dataLink == DLT_RAW_OF_OPENBSD ? LINKTYPE_RAW : dataLink;
  }

  /** Compiles an expression of pcap-filter(7). */
  byte[] compile(String expression, int linkType, int snapBytes) {
    try {
      var open = bind("pcap_open_dead", FunctionDescriptor.of(ADDRESS, JAVA_INT, JAVA_INT));
      var dataLink = linkType == LINKTYPE_RAW ? DLT_RAW : linkType;
      var handle = (MemorySegment) open.invokeExact(dataLink, snapBytes);
      try {
        return compiled(handle, arena.allocateFrom(expression));
      } finally {
        bind("pcap_close", FunctionDescriptor.ofVoid(ADDRESS)).invokeExact(handle);
      }
    } catch (Throwable e) {
      throw notCalled(e);
    }
  }

  private byte[] compiled(MemorySegment handle, MemorySegment text) throws Throwable {
    var program = arena.allocate(16, 8);
    var type = FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_INT, JAVA_INT);
    var answer =
        (int)
            bind("pcap_compile", type)
                .invokeExact(handle, program, text, OPTIMIZE, NETMASK_UNKNOWN);
    if (answer != 0) {
      var error = bind("pcap_geterr", FunctionDescriptor.of(ADDRESS, ADDRESS));
      throw new IllegalArgumentException(words((MemorySegment) error.invokeExact(handle)));
    }
    var bytes = (long) INSTRUCTION_BYTES * program.get(JAVA_INT, 0);
    var copy = program.get(ADDRESS, 8).reinterpret(bytes).toArray(JAVA_BYTE);
    bind("pcap_freecode", FunctionDescriptor.ofVoid(ADDRESS)).invokeExact(program);
    return copy;
  }

  /**
   * Lets pass what is unchecked; invokeExact declares the rest, and a C function throws nothing.
   */
  static IllegalStateException notCalled(Throwable cause) {
    return switch (cause) {
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      default -> new IllegalStateException("libpcap could not be called", cause);
    };
  }
}
