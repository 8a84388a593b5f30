package dev.cloister.tor.control;

/** What tor can be told to do at once (control-spec, section 3.7). */
public enum TorSignal {
  /** Read the configuration again. */
  RELOAD,
  /** Stop; a relay waits for its clients first. */
  SHUTDOWN,
  /** Write what it knows of its connections to the log. */
  DUMP,
  /** Log at level debug. */
  DEBUG,
  /** Stop at once. */
  HALT,
  /** Use other circuits for new streams. */
  NEWNYM,
  /** Forget what names resolved to. */
  CLEARDNSCACHE,
  /** Tell how it is doing. */
  HEARTBEAT,
  /** Sleep until there is something to do. */
  DORMANT,
  /** Wake. */
  ACTIVE
}
