package dev.cloister.tracing.packet;

/** Why a frame gave no IP packet. */
public enum Undecoded {
  /** What the capture calls its link is not one that is read. */
  UNKNOWN_LINK,
  /** It carries something other than IP. */
  NOT_IP,
  /** A header is cut off by the capture's snapshot length, or by the end of the frame. */
  TRUNCATED,
  /** A header contradicts itself, or a packet is in a packet too many. */
  MALFORMED
}
