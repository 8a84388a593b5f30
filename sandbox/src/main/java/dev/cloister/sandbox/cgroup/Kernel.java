package dev.cloister.sandbox.cgroup;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.cloister.core.NativeCallException;
import dev.cloister.core.internal.os.OperatingSystem;
import dev.cloister.core.internal.os.OperatingSystem.UnsupportedHere;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/** What is asked of the kernel: a control group is a directory, and each of its numbers a file. */
interface Kernel {

  /** Reads a control file, without the last line feed. */
  String read(Path file) throws IOException;

  /** Writes a control file in one call, as the kernel takes it. */
  void write(Path file, String value) throws IOException;

  /** Makes a group. */
  void make(Path group) throws IOException;

  /** Removes a group that has neither processes nor groups in it. */
  void remove(Path group) throws IOException;

  /** Names the groups, or the other directories, in a directory. */
  List<Path> directoriesIn(Path directory) throws IOException;

  /** Tells whether a control file, or a group, is there. */
  boolean has(Path file);

  /** Sends SIGKILL; a process that is gone is no failure. */
  void kill(long pid);

  /** Tells on which processors this process may run. */
  BitSet processors() throws IOException;

  /** Keeps threads, and what they start, on some processors; one that is gone is no failure. */
  void keepOn(BitSet processors, Set<Long> threads) throws IOException;

  /** Lets time pass for what the kernel does by itself. */
  void pause(long nanos);

  /** The kernel this process runs on. */
  enum Running implements Kernel {
    INSTANCE;

    /**
     * A directory of control groups has two links and one for each directory in it, so that those
     * of a leaf, which most are, need not be looked for among dozens of files.
     */
    private static final int LINKS_OF_A_LEAF = 2;

    @Override
    public String read(Path file) throws IOException {
      return Files.readString(file, US_ASCII).stripTrailing();
    }

    @Override
    public void write(Path file, String value) throws IOException {
      Files.write(file, value.getBytes(US_ASCII), StandardOpenOption.WRITE);
    }

    @Override
    public void make(Path group) throws IOException {
      Files.createDirectory(group);
    }

    @Override
    public void remove(Path group) throws IOException {
      Files.delete(group);
    }

    @Override
    public List<Path> directoriesIn(Path directory) throws IOException {
      if (Integer.valueOf(LINKS_OF_A_LEAF).equals(Files.getAttribute(directory, "unix:nlink"))) {
        return List.of();
      }
      try (var entries = Files.list(directory)) {
        return entries
            .filter(entry -> Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS))
            .sorted()
            .toList();
      }
    }

    @Override
    public boolean has(Path file) {
      return Files.exists(file);
    }

    @Override
    public void kill(long pid) {
      ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
    }

    @Override
    public BitSet processors() throws IOException {
      try {
        return OperatingSystem.current().confining().processors();
      } catch (NativeCallException | UnsupportedHere e) {
        throw new IOException(e.getMessage(), e);
      }
    }

    @Override
    public void keepOn(BitSet processors, Set<Long> threads) throws IOException {
      try {
        var system = OperatingSystem.current().confining();
        for (var tid : threads) {
          system.keepOn(tid, processors);
        }
      } catch (NativeCallException | UnsupportedHere e) {
        throw new IOException("processors " + processors + ": " + e.getMessage(), e);
      }
    }

    @Override
    public void pause(long nanos) {
      LockSupport.parkNanos(nanos);
    }
  }
}
