package dev.cloister.tor.control;

import java.nio.file.Path;
import java.util.Arrays;

/**
 * How to say to tor who one is. {@link SafeCookie} proves on both sides that the cookie is known,
 * and sends it nowhere; the others give what they have to whoever listens at the port.
 *
 * <p>Source: control-spec, sections 3.5 and 3.24.
 */
public sealed interface Authentication {

  /** By the cookie in the file that tor names, or the one given, without sending it. */
  record SafeCookie() implements Authentication {}

  /**
   * By sending the cookie in a file. Where the file is, the caller says: a false port could
   * otherwise ask for any file of 32 bytes.
   *
   * @param file 32 bytes
   */
  record Cookie(Path file) implements Authentication {}

  /** By sending a password. Closing zeroes it here; the caller keeps its own array. */
  final class Password implements Authentication, AutoCloseable {
    private final char[] password;

    /**
     * Copies the password.
     *
     * @param password without line ends and zeroes
     */
    public Password(char[] password) {
      this.password = password.clone();
    }

    String text() {
      return new String(password);
    }

    @Override
    public void close() {
      Arrays.fill(password, '\0');
    }
  }

  /** Without anything, where tor asks for nothing. */
  record None() implements Authentication {}
}
