package dev.cloister.sandbox.guest;

import java.io.IOException;
import java.nio.file.Path;

/**
 * The function's side in WebAssembly: what its authors need. A module brings its own code, so the
 * image is a descriptor and, for authors, the header and the page that describe its imports.
 */
public final class WebAssemblyGuest {
  private WebAssemblyGuest() {}

  /**
   * Writes an image: its descriptor, {@code cell.h} and {@code abi.md}, none of which must be there
   * yet.
   *
   * @param directory an existing directory, to be put into a catalog
   * @throws IOException when a file is there or cannot be written
   */
  public static void install(Path directory) throws IOException {
    GuestFiles.install("wasm", directory, "image.yaml", "cell.h", "abi.md");
  }
}
