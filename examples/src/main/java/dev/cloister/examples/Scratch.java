package dev.cloister.examples;

import dev.cloister.sandbox.guest.JavaScriptGuest;
import dev.cloister.sandbox.guest.PythonGuest;
import dev.cloister.sandbox.guest.WebAssemblyGuest;
import dev.cloister.sandbox.image.ImageCatalog;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;

/**
 * A directory for the time of one run. Others can enter it: functions run as users of their own.
 */
record Scratch(Path directory) implements Closeable {

  static Scratch create() throws IOException {
    var directory = Files.createTempDirectory("cloister-cells-");
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    return new Scratch(directory);
  }

  /** Lays out the images that the library has. */
  ImageCatalog shippedImages() throws IOException {
    var images = directory.resolve("images");
    PythonGuest.install(Files.createDirectories(images.resolve("python")));
    JavaScriptGuest.install(Files.createDirectories(images.resolve("javascript")));
    WebAssemblyGuest.install(Files.createDirectories(images.resolve("webassembly")));
    return ImageCatalog.in(images);
  }

  @Override
  public void close() throws IOException {
    List<Path> deepestFirst;
    try (var all = Files.walk(directory)) {
      deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
    }
    for (var path : deepestFirst) {
      Files.delete(path);
    }
  }
}
