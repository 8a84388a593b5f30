package dev.cloister.sandbox.host;

import dev.cloister.core.policy.Resource;
import dev.cloister.sandbox.runtime.Ending;
import dev.cloister.sandbox.runtime.Ending.Cause;
import java.util.Optional;

/** A way in which a function's life ends, and what its client must be told of it. */
enum Way {
  RETURN(Cause.EXITED, "pass"),
  EXIT(Cause.EXITED, "cell.exit(7)"),
  LEAVE(Cause.EXITED, "raise SystemExit(7)"),
  END_DURING_A_CALL(
      Cause.EXITED,
      "import threading, time\nthreading.Thread(target=cell.receive, daemon=True).start()"
          + "\ntime.sleep(0.2)"),
  RAISE(Cause.FAILED, "raise ValueError('no such luck')"),
  CPU(Resource.CPU_SECONDS, "0.2", "while True: pass"),
  MEMORY(
      Resource.MEMORY_BYTES, "50000000", "hoard = []\nwhile True: hoard.append(b'x' * (1 << 20))"),
  PROCESSES(
      Resource.PROCESSES,
      "3",
      "import os, time\nwhile True:\n  if os.fork() == 0: time.sleep(100)"),
  OPEN_FILES(
      Resource.OPEN_FILES, "40", "held = []\nwhile True: held.append(open('/dev/null', 'rb'))"),
  DISK(Resource.DISK_BYTES, "50000", "for i in range(100): cell.store.put(str(i), b'x' * 1000)"),
  BYTES_IN(Resource.BYTES_IN, "500000", Way.LISTEN),
  BYTES_OUT(Resource.BYTES_OUT, "500000", "while True: cell.send(b'x' * 10000)"),
  WALL(Resource.WALL_SECONDS, "60", Way.LISTEN),
  DEAF_TO_WALL(Resource.WALL_SECONDS, "60", "import time\nwhile True: time.sleep(1)"),
  NEVER_LOADED(Resource.WALL_SECONDS, "60", Way.LISTEN),
  ORPHANS(Cause.EXITED, "import os, time\nif os.fork() == 0: os.setsid(); time.sleep(100)"),
  MALFORMED(
      Cause.MALFORMED,
      "import os, time\nos.write(cell._channel.sink, b'\\xff' * 64)\ntime.sleep(100)"),
  HALF_A_FRAME(
      Cause.DIED, "import os\nos.write(cell._channel.sink, b'\\0\\0\\1\\0\\x12')\nos._exit(3)"),
  KILLED(Cause.DIED, Way.LISTEN),
  SHUT_DOWN(Cause.SHUT_DOWN, Way.LISTEN),
  LIFETIME(Resource.WALL_SECONDS, "600", Way.LISTEN),
  HOST_CLOSED(Cause.CLOSED, Way.LISTEN);

  /** Says that it runs, and takes what comes. */
  private static final String LISTEN = "cell.send(b'on')\nwhile cell.receive() is not None: pass";

  /** What its manifest asks, beside what the policy gives; empty for nothing. */
  final String limits;

  final String code;
  private final Cause cause;
  private final Optional<Resource> limit;

  Way(Cause cause, String source) {
    this(cause, Optional.empty(), "", source);
  }

  Way(Resource limit, String amount, String source) {
    this(Cause.LIMIT, Optional.of(limit), limit.label() + ": " + amount, source);
  }

  Way(Cause cause, Optional<Resource> limit, String limits, String source) {
    this.cause = cause;
    this.limit = limit;
    this.limits = limits;
    this.code = "import cell\n" + source + "\n";
  }

  boolean isToldBy(Ending ending) {
    return ending.cause() == cause
        && ending.limit().equals(limit)
        && ending.exitCode() == (this == EXIT || this == LEAVE ? 7 : 0);
  }

  /** Whether the function does it itself, once it runs. */
  boolean isItsOwn() {
    return switch (this) {
      case RETURN, EXIT, LEAVE, END_DURING_A_CALL, RAISE, ORPHANS -> true;
      case CPU, MEMORY, PROCESSES, OPEN_FILES, DISK, BYTES_OUT -> true;
      case MALFORMED, HALF_A_FRAME -> true;
      case BYTES_IN, WALL, DEAF_TO_WALL, NEVER_LOADED, KILLED, SHUT_DOWN, LIFETIME -> false;
      case HOST_CLOSED -> false;
    };
  }
}
