package dev.cloister.sandbox.guest;

import java.io.IOException;
import java.nio.file.Path;

/**
 * The function's side in JavaScript: QuickJS compiled to WebAssembly, with the global {@code cell}
 * and nothing else beyond the language. It confines nothing by itself; a runtime of WebAssembly
 * does.
 */
public final class JavaScriptGuest {
  private JavaScriptGuest() {}

  /**
   * Writes an image: its descriptor, the interpreter, its licence, and the page for authors, none
   * of which must be there yet.
   *
   * @param directory an existing directory, to be put into a catalog
   * @throws IOException when a file is there or cannot be written
   */
  public static void install(Path directory) throws IOException {
    GuestFiles.install(
        "javascript",
        directory,
        "image.yaml",
        "javascript.wasm",
        "javascript.md",
        "LICENSE.quickjs");
  }
}
