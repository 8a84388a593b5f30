package dev.cloister.core.key;

/**
 * The right to see key bytes. It stops nobody: it is there so that every place that copies a key
 * out of its object can be found by searching the code for this name.
 */
public final class SecretAccess {
  private static final SecretAccess GRANTED = new SecretAccess();

  private SecretAccess() {}

  /**
   * Grants it.
   *
   * @return the one value of this type
   */
  public static SecretAccess granted() {
    return GRANTED;
  }
}
