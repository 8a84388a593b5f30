package dev.cloister.sandbox.cgroup;

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

  /** The thread that enters it. */
  record OfThisThread() implements Entry {}

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
   * Takes the thread that enters it, which must be a platform thread. The kernel moves a thread at
   * once that asks for itself; for any other it first waits, for milliseconds in each hierarchy,
   * until no thread of the machine is about to fork or to end.
   *
   * @return an entry that only groups of version 1 admit
   */
  static Entry ofThisThread() {
    return new OfThisThread();
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
