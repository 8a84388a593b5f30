package dev.cloister.tor.onionproxy;

import dev.cloister.sandbox.guest.PythonGuest;
import dev.cloister.sandbox.image.Image;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The image of functions in Python with an onion proxy of their own: the same as that without, but
 * for its name and kind. It holds no tor: that is the host's, and started by the runtime.
 */
public final class PythonOp {
  private PythonOp() {}

  /**
   * Writes the image, named {@code python-op}, into a directory where nothing of it is yet.
   *
   * @param directory an existing directory that the guest can read and not write, to be put into a
   *     catalog
   * @throws IOException when a file is there or cannot be written
   */
  public static void install(Path directory) throws IOException {
    PythonGuest.install(directory);
    var descriptor = directory.resolve("image.yaml");
    var label = Image.Kind.PYTHON_OP.label();
    Files.writeString(
        descriptor,
        Files.readString(descriptor)
            .replaceFirst("(?m)^name: .*$", "name: " + label)
            .replaceFirst("(?m)^kind: .*$", "kind: " + label));
  }
}
