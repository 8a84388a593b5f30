package dev.cloister.crypto.storage;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;

/**
 * How files of blocks are opened. Where the file system can, a block goes between its {@link
 * DiskBuffer} and the device, and not through the kernel's memory, which blocks that are read once
 * or never would only fill.
 *
 * @param reading options to read with
 * @param writing options to write with
 */
record DiskAccess(Set<? extends OpenOption> reading, Set<? extends OpenOption> writing) {
  static final DiskAccess ORDINARY =
      new DiskAccess(Set.of(StandardOpenOption.READ), Set.of(StandardOpenOption.WRITE));

  /** Tries in a directory how files can be read and written there. */
  static DiskAccess in(Path directory) throws IOException {
    var tried = directory.resolve("tried.spill");
    try {
      Files.createFile(tried);
      var direct = direct();
      var page = new DiskBuffer(SpillPlan.PAGE_BYTES);
      try (var out = FileChannel.open(tried, direct.writing);
          var in = FileChannel.open(tried, direct.reading)) {
        out.write(page.toWrite(), 0);
        return in.read(page.toRead(), 0) == SpillPlan.PAGE_BYTES ? direct : ORDINARY;
      }
    } catch (IOException | UnsupportedOperationException | ReflectiveOperationException _) {
      return ORDINARY;
    } finally {
      Files.deleteIfExists(tried);
    }
  }

  /** By an option that no source may name: javac warns of its package, and nothing stops it. */
  private static DiskAccess direct() throws ReflectiveOperationException {
    var options = Class.forName("com.sun.nio.file.ExtendedOpenOption");
    var direct = (OpenOption) options.getField("DIRECT").get(null);
    return new DiskAccess(
        Set.of(StandardOpenOption.READ, direct), Set.of(StandardOpenOption.WRITE, direct));
  }
}
