package dev.cloister.core.token;

/**
 * The right to end a context, once. It is good for nothing else: whoever has it can neither send
 * nor read. Safe for use by many threads.
 */
public final class ShutdownToken extends Token {

  ShutdownToken(byte[] bytes) {
    super(bytes);
  }

  /**
   * Takes one that was written before.
   *
   * @param bytes exactly {@value Token#BYTES}; the array is zeroed
   * @return the token; whether it is good for anything, the registry alone knows
   */
  public static ShutdownToken of(byte[] bytes) {
    return new ShutdownToken(bytes);
  }
}
