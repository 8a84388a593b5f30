package dev.cloister.sandbox.cgroup;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Where one host makes its groups: a group of its own, empty of processes. */
sealed interface Layout permits LayoutV1, LayoutV2 {

  /** What is had. */
  ControlSupport support();

  /** The directories of a group, whether it is there or not. */
  List<Path> directories(String name);

  /** Makes and limits a group; what was made of one that fails is the caller's to remove. */
  Group make(String name, ControlLimits limits) throws IOException;

  /** Undoes what opening did, in reverse, once the host's groups are removed. */
  void close(Reaper reaper) throws IOException;
}
