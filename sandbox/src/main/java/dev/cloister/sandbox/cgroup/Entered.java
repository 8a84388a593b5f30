package dev.cloister.sandbox.cgroup;

import java.io.Closeable;
import java.io.IOException;

/**
 * That something entered a group, and what was not counted there because it came before. Close it
 * once the child is spawned: a thread that entered leaves, with every thread of this process that
 * was born of it, and the child stays. For a process, closing does nothing.
 */
public final class Entered implements Closeable {
  private final long cpuNanosBefore;
  private final long residentBytesBefore;
  private final int processes;
  private final Closeable leaving;

  Entered(long cpuNanosBefore, long residentBytesBefore, int processes, Closeable leaving) {
    this.cpuNanosBefore = cpuNanosBefore;
    this.residentBytesBefore = residentBytesBefore;
    this.processes = processes;
    this.leaving = leaving;
  }

  /**
   * Returns processor time that the processes had used before they entered; the group's usage has
   * it.
   *
   * @return nanoseconds; that of descendants which had ended by then is not known
   */
  public long cpuNanosBefore() {
    return cpuNanosBefore;
  }

  /**
   * Returns memory that the processes held before they entered; the kernel goes on counting it to
   * the group they came from, and it is not held to the limit.
   *
   * @return bytes
   */
  public long residentBytesBefore() {
    return residentBytesBefore;
  }

  /**
   * Returns how many processes entered.
   *
   * @return the one named and its descendants; 0 for a thread
   */
  public int processes() {
    return processes;
  }

  /**
   * Lets the thread leave.
   *
   * @throws IOException when the kernel refuses
   */
  @Override
  public void close() throws IOException {
    leaving.close();
  }
}
