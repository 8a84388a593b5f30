package dev.cloister.core.token;

/**
 * The right to send to a context, to read from it, or to have narrower tokens made, as far as its
 * {@link Terms} go. It never ends the context. Safe for use by many threads.
 */
public final class InvocationToken extends Token {

  InvocationToken(byte[] bytes) {
    super(bytes);
  }

  /**
   * Takes one that was written before.
   *
   * @param bytes exactly {@value Token#BYTES}; the array is zeroed
   * @return the token; whether it is good for anything, the registry alone knows
   */
  public static InvocationToken of(byte[] bytes) {
    return new InvocationToken(bytes);
  }
}
