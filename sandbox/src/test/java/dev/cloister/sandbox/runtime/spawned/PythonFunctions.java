package dev.cloister.sandbox.runtime.spawned;

import dev.cloister.core.policy.NetworkPolicy;
import dev.cloister.core.policy.ResourceLimits;
import dev.cloister.sandbox.guest.PythonGuest;
import dev.cloister.sandbox.image.Image;
import dev.cloister.sandbox.image.ImageCatalog;
import dev.cloister.sandbox.runtime.Launch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** The image that functions in Python run in. */
public final class PythonFunctions {
  private PythonFunctions() {}

  /**
   * Writes the image.
   *
   * @param directory below this one, which functions of other users can read from then on
   * @return the image
   * @throws IOException when it cannot be written
   */
  public static Image image(Path directory) throws IOException {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    var catalog = Files.createDirectories(directory.resolve("images"));
    PythonGuest.install(Files.createDirectory(catalog.resolve("python")));
    try (var images = ImageCatalog.in(catalog)) {
      return images.find("python").orElseThrow();
    }
  }

  /**
   * Prepares a start without network.
   *
   * @param cell an id
   * @param image what to start
   * @param limits the most it may use
   * @return what a runtime starts
   */
  public static Launch launch(String cell, Image image, ResourceLimits limits) {
    return new Launch(cell, image, image.systemCalls(), limits, NetworkPolicy.none());
  }
}
