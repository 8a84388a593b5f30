package dev.cloister.sandbox.cgroup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What enters a group. A thread of this process enters before it spawns, so that its child is born
 * inside; a process enters after it was spawned, with the descendants it has by then.
 */
public sealed interface Entry {

  /**
   * A thread of this process.
   *
   * @param tid its number with the kernel, gettid(2)
   */
  record OfThread(long tid) implements Entry {}

  /**
   * Another process.
   *
   * @param pid its number, as this process sees it
   */
  record OfProcess(long pid) implements Entry {}

  /**
   * Takes a thread of this process.
   *
   * @param tid its number with the kernel, gettid(2)
   * @return an entry that only groups of version 1 admit
   */
  static Entry ofThread(long tid) {
    return new OfThread(tid);
  }

  /**
   * Takes the calling thread, which must be a platform thread.
   *
   * @return an entry that only groups of version 1 admit
   * @throws IOException when {@code /proc} is not there
   */
  static Entry ofThisThread() throws IOException {
    if (Thread.currentThread().isVirtual()) {
      throw new IllegalStateException(
          "a virtual thread has no thread of the kernel's: enter from a platform thread");
    }
    var self = Files.readSymbolicLink(Path.of("/proc/thread-self"));
    return new OfThread(Long.parseLong(self.getFileName().toString()));
  }

  /**
   * Takes a process that was spawned outside.
   *
   * @param pid its number, as this process sees it
   * @return an entry that every group admits
   */
  static Entry ofProcess(long pid) {
    return new OfProcess(pid);
  }
}
