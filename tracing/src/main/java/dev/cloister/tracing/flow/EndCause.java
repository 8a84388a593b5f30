package dev.cloister.tracing.flow;

/** Why a connection's streams ended. */
public enum EndCause {
  /** Both sides said they had no more. */
  FINISHED,
  /** One side broke it off. */
  RESET,
  /** A new connection began between the same ports. */
  REUSED,
  /** Nothing came for too long. */
  IDLE,
  /** It was forgotten to make room. */
  EVICTED,
  /** The capture ended. */
  CAPTURE_ENDED
}
