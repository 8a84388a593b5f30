package dev.cloister.core.internal.os;

import dev.cloister.core.NativeCallException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A C library in memory: fails where it is told to, and knows what was not given back. */
public final class FakeLibc implements Libc {
  /** Lives as long as this: a segment that was reinterpreted keeps no memory alive by itself. */
  private final Arena memory = Arena.ofAuto();

  private final List<String> calls = new ArrayList<>();
  private final Map<String, Integer> failures = new HashMap<>();
  private final Set<Integer> descriptors = new HashSet<>();
  private final Map<Long, Long> mapped = new HashMap<>();
  private final List<MemorySegment> segments = new ArrayList<>();
  private final List<String> unzeroed = new ArrayList<>();
  private int nextDescriptor = 3;
  private long coreLimitBytes;
  private int dumpable = 1;

  /** Makes one that grants every call, and lets a debugger read everything. */
  public FakeLibc() {}

  /**
   * Makes a call fail from now on.
   *
   * @param call its name, as in its manual page
   * @param errno with what
   * @return this
   */
  public FakeLibc failing(String call, int errno) {
    failures.put(call, errno);
    return this;
  }

  /**
   * Sets what getrlimit answers.
   *
   * @param bytes the soft limit on core files
   * @return this
   */
  public FakeLibc coreLimit(long bytes) {
    coreLimitBytes = bytes;
    return this;
  }

  /**
   * Sets what prctl answers.
   *
   * @param value 0, 1 or 2
   * @return this
   */
  public FakeLibc dumpable(int value) {
    dumpable = value;
    return this;
  }

  /**
   * Returns Linux over this library.
   *
   * @return a system that makes its calls here
   */
  public OperatingSystem system() {
    return new Linux(this);
  }

  /**
   * Returns a system without calls.
   *
   * @param reason why
   * @return one that refuses every wish
   */
  public static OperatingSystem none(String reason) {
    return new NoNativeCalls(reason);
  }

  /**
   * Returns what was called.
   *
   * @return names as in the manual pages, in order
   */
  public List<String> calls() {
    return List.copyOf(calls);
  }

  /**
   * Returns what was not given back.
   *
   * @return a word for each open descriptor, each mapping, each segment that is still usable, and
   *     each that was given back with something in it
   */
  public List<String> leaks() {
    var leaks = new ArrayList<>(unzeroed);
    descriptors.forEach(descriptor -> leaks.add("descriptor " + descriptor));
    mapped.values().forEach(bytes -> leaks.add("mapping of " + bytes + " bytes"));
    segments.stream()
        .filter(segment -> segment.scope().isAlive())
        .forEach(segment -> leaks.add("usable segment of " + segment.byteSize() + " bytes"));
    return leaks;
  }

  /**
   * Returns pages that are mapped, as whoever breaks into the process finds them.
   *
   * @param number which, in the order of mapping, from 0
   * @return all their bytes
   */
  public byte[] pages(int number) {
    return segments.get(number).toArray(ValueLayout.JAVA_BYTE);
  }

  private void called(String call) {
    calls.add(call);
    var errno = failures.get(call);
    if (errno != null) {
      throw new NativeCallException(call, errno);
    }
  }

  private int descriptor() {
    descriptors.add(nextDescriptor);
    return nextDescriptor++;
  }

  private void expectOpen(int descriptor) {
    if (!descriptors.contains(descriptor)) {
      throw new AssertionError("descriptor " + descriptor + " is not open");
    }
  }

  @Override
  public int memfdSecret() {
    called("memfd_secret");
    return descriptor();
  }

  @Override
  public void ftruncate(int descriptor, long bytes) {
    expectOpen(descriptor);
    called("ftruncate");
  }

  @Override
  public MemorySegment mapShared(Arena arena, int descriptor, long bytes) {
    expectOpen(descriptor);
    return mapAnonymous(arena, bytes);
  }

  @Override
  public MemorySegment mapAnonymous(Arena arena, long bytes) {
    called("mmap");
    var pages = memory.allocate(bytes);
    @SuppressWarnings("restricted") // To look at the pages when they are given back.
    var segment = pages.reinterpret(arena, this::look);
    segments.add(segment);
    mapped.put(segment.address(), bytes);
    return segment;
  }

  private void look(MemorySegment pages) {
    if (pages.mismatch(Arena.ofAuto().allocate(pages.byteSize())) >= 0) {
      unzeroed.add("something in " + pages.byteSize() + " bytes that were given back");
    }
  }

  @Override
  public void unmap(long address, long bytes) {
    called("munmap");
    if (!mapped.remove(address, bytes)) {
      throw new AssertionError("nothing of " + bytes + " bytes is mapped there");
    }
    if (segments.stream().anyMatch(s -> s.address() == address && s.scope().isAlive())) {
      throw new AssertionError("the segment can still be touched after its pages are gone");
    }
  }

  @Override
  public void mlock(MemorySegment pages) {
    called("mlock");
  }

  @Override
  public void dontDump(MemorySegment pages) {
    called("madvise");
  }

  @Override
  public void close(int descriptor) {
    expectOpen(descriptor);
    // As Linux does, whatever it answers: close(2), "Dealing with error returns".
    descriptors.remove(descriptor);
    called("close");
  }

  @Override
  public long coreLimitBytes() {
    called("getrlimit");
    return coreLimitBytes;
  }

  @Override
  public int dumpable() {
    called("prctl");
    return dumpable;
  }

  @Override
  public int openToRead(String path) {
    called("open");
    return descriptor();
  }

  @Override
  public long readAt(int descriptor, long offset, int bytes) {
    expectOpen(descriptor);
    called("pread");
    return bytes;
  }

  @Override
  public void becomeUser(int user, int group) {
    called("setresuid");
  }

  @Override
  public long systemCall(String name, long number, long... arguments) {
    called(name);
    return 0;
  }

  @Override
  public Confining.Starter prepare(Command command) {
    command.streams().forEach(this::expectOpen);
    called("posix_spawn_file_actions_init");
    return new Confining.Starter() {
      @Override
      public int start() {
        called("posix_spawn");
        return 4711;
      }

      @Override
      public void close() {
        called("posix_spawn_file_actions_destroy");
      }
    };
  }
}
