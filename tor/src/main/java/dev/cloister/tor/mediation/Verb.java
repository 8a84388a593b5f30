package dev.cloister.tor.mediation;

/**
 * What a function may be granted to say; everything else that the control port knows is refused to
 * all (control-spec, section 3).
 */
public enum Verb {
  /** Asks, for keys that were granted. */
  GETINFO,
  /** Chooses among the kinds of events that were granted. */
  SETEVENTS,
  /** Launches or extends a circuit of its own. */
  EXTENDCIRCUIT,
  /** Closes a circuit of its own. */
  CLOSECIRCUIT,
  /** Attaches a stream of its own to a circuit of its own. */
  ATTACHSTREAM,
  /** Closes a stream of its own. */
  CLOSESTREAM,
  /** Serves an onion service of its own. */
  ADD_ONION,
  /** Ends an onion service of its own. */
  DEL_ONION,
  /** Fetches an onion service's descriptor. */
  HSFETCH,
  /** Brings a key to read an onion service's descriptor with. */
  ONION_CLIENT_AUTH_ADD,
  /** Takes its key back. */
  ONION_CLIENT_AUTH_REMOVE,
  /** Lists the services that it brought keys for. */
  ONION_CLIENT_AUTH_VIEW
}
