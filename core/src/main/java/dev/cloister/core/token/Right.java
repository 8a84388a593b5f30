package dev.cloister.core.token;

/** What the holder of a token may ask for; each presentation names one. */
public enum Right {
  /** Sending to the context, which makes it act. */
  INVOKE,
  /** Receiving from the context, and asking whether there is anything to receive. */
  READ,
  /** Having narrower tokens made: see {@link TokenRegistry#delegate}. */
  DELEGATE,
  /** Ending the context; a {@link ShutdownToken} alone has it, and it has no other. */
  SHUTDOWN
}
