package dev.cloister.sandbox.cgroup;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Says what the kernel refused, and what can be done about it. */
final class Refusal {
  private Refusal() {}

  /** Writes a control file; a refusal names the file and the value. */
  static void write(Kernel kernel, Path file, String value) throws IOException {
    try {
      kernel.write(file, value);
    } catch (IOException e) {
      throw new IOException("\"" + value + "\" in " + file + ": " + reason(e), e);
    }
  }

  /** The kernel's reason, with the remedy where it is known. */
  static String reason(IOException e) {
    if (e instanceof AccessDeniedException) {
      return "permission denied: run as root, or have the group delegated to this user";
    }
    if (e instanceof NoSuchFileException) {
      return e.getMessage() + " is not there";
    }
    var message = e.getMessage();
    return message == null
        ? e.toString()
        : message.substring(message.lastIndexOf(": ") + 1).strip();
  }
}
