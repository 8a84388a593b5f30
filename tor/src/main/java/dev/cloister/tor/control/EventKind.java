package dev.cloister.tor.control;

/** The events that a subscriber can ask for, by tor's names (control-spec, section 4.1). */
public enum EventKind {
  /** A circuit was launched, extended, built, failed or closed. */
  CIRC,
  /** A stream is new, sent, attached, detached, failed or closed. */
  STREAM,
  /** A descriptor of an onion service is asked for, received, uploaded, or one of these failed. */
  HS_DESC,
  /** The text of a descriptor that was fetched. */
  HS_DESC_CONTENT,
  /** What all connections read and wrote in the last second. */
  BW,
  /** What a circuit read and wrote in the last second. */
  CIRC_BW,
  /** What a stream read and wrote in the last second. */
  STREAM_BW,
  /** Descriptors of relays are there. */
  NEWDESC,
  /** A consensus is there. */
  NEWCONSENSUS,
  /** The network came, or went. */
  NETWORK_LIVENESS,
  /** Something that concerns tor as such. */
  STATUS_GENERAL,
  /** Something that concerns tor as a client, such as how far it has started. */
  STATUS_CLIENT,
  /** Something that concerns tor as a relay. */
  STATUS_SERVER
}
