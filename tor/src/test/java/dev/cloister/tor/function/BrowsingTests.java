package dev.cloister.tor.function;

import dev.cloister.core.testing.RequiresProgram;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tests before each of which a site and a Browser are new. */
@RequiresProgram(value = "python3", root = true)
@Timeout(120)
abstract class BrowsingTests {
  @TempDir private Path directory;
  Browsing browsing;
  Site site;

  @BeforeEach
  final void open() throws IOException {
    browsing = new Browsing(directory);
    site = browsing.site;
  }

  @AfterEach
  final void close() throws IOException {
    browsing.close();
  }

  final Page page(String path) throws IOException {
    return browsing.page(path);
  }
}
