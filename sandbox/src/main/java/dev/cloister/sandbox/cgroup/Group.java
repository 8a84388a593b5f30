package dev.cloister.sandbox.cgroup;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** The control files of one function's group; closing it leaves the group itself as it is. */
sealed interface Group extends Closeable permits GroupV1, GroupV2 {

  /** Where it lies: one directory for each hierarchy. */
  List<Path> directories();

  /** What the kernel takes for the thread that writes it, whatever its number. */
  long CALLING_THREAD = 0;

  /** Lets a thread of this process in, so that what it spawns is born inside. */
  void enterThread(long tid) throws IOException;

  /** Moves a process; its descendants stay where they are. */
  void enterProcess(long pid) throws IOException;

  /** Takes out every thread of this process, those too that were born of the one that entered. */
  void takeThreadsOut() throws IOException;

  /** Lets everything beside it run first, or no longer; does nothing where the kernel cannot. */
  void background(boolean on) throws IOException;

  /** Names the threads inside, of all processes. */
  Set<Long> threads() throws IOException;

  /** Reads the counters; by one thread at a time, as closing is. */
  ControlUsage usage() throws IOException;
}
