package dev.cloister.sandbox.runtime.spawned;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cloister.core.policy.NetworkPolicy;
import dev.cloister.core.policy.ResourceLimits;
import dev.cloister.sandbox.guest.PythonGuest;
import dev.cloister.sandbox.image.Image;
import dev.cloister.sandbox.image.ImageCatalog;
import dev.cloister.sandbox.runtime.Launch;
import dev.cloister.sandbox.testing.FunctionRuntimeContract.Behaviour;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** The functions of the contract in Python, and the image that they run in. */
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

  /**
   * Writes a function.
   *
   * @param behaviour what it does
   * @return its source
   */
  public static byte[] code(Behaviour behaviour) {
    return ("import cell\n" + source(behaviour)).getBytes(UTF_8);
  }

  private static String source(Behaviour behaviour) {
    return switch (behaviour) {
      case ECHO ->
          """
          while (message := cell.receive(10)) is not None:
              cell.send(message)
          """;
      case STORE ->
          """
          cell.store.put("answer", b"42")
          cell.send(cell.store.get("answer"))
          """;
      case COUNT_AND_EXIT ->
          """
          for number in range(10):
              cell.send(str(number).encode())
          cell.exit(7)
          """;
      case RAISE -> "raise ValueError('no such luck')\n";
      case ASK_THE_TIME ->
          """
          try:
              cell.time()
          except cell.Refused as refused:
              cell.send(refused.grant.encode())
          """;
      case SPIN ->
          """
          cell.send(b"on")
          while True:
              pass
          """;
      case HOARD ->
          """
          cell.send(b"on")
          hoard = []
          while True:
              hoard.append(b"x" * (1 << 20))
          """;
      case MULTIPLY ->
          """
          import os
          import time
          cell.send(b"on")
          while True:
              if os.fork() == 0:
                  time.sleep(100)
          """;
    };
  }
}
