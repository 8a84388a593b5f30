package dev.cloister.sandbox.guest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;

/** The files that images of guests are made of. */
final class GuestFiles {
  private GuestFiles() {}

  static void install(String guest, Path directory, String... names) throws IOException {
    for (var name : names) {
      Files.write(directory.resolve(name), read(guest, name), StandardOpenOption.CREATE_NEW);
    }
  }

  static byte[] read(String guest, String name) throws IOException {
    try (var in = GuestFiles.class.getResourceAsStream(guest + "/" + name)) {
      return Objects.requireNonNull(in, name).readAllBytes();
    }
  }
}
