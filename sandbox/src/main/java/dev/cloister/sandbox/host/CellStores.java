package dev.cloister.sandbox.host;

import dev.cloister.core.Description;
import dev.cloister.core.TimeSource;
import dev.cloister.core.gate.Declaration;
import dev.cloister.core.gate.Opening;
import dev.cloister.core.internal.HeldDirectory;
import dev.cloister.core.key.KeyRing;
import dev.cloister.core.posture.Posture.Finding;
import dev.cloister.sandbox.vaultfs.Vault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * The directory in which a host keeps the stores of its cells: held by this host alone, and without
 * what a killed one left. Each store is a vault of its own. For any number of threads.
 */
final class CellStores implements AutoCloseable {
  private final HeldDirectory directory;
  private final List<Finding> findings;
  private final AtomicLong made = new AtomicLong();

  private CellStores(HeldDirectory directory) {
    this.directory = directory;
    this.findings = Vault.in(directory.path()).probe();
  }

  /** Takes a directory, or makes it; what a dead host's cells left in it is removed. */
  static CellStores in(Path directory) throws IOException {
    return new CellStores(HeldDirectory.open(directory, "cell"));
  }

  /** Makes an empty store, in a directory of its own that no other user can enter. */
  CellStore create(long quotaBytes, Supplier<KeyRing> keys, TimeSource time) throws IOException {
    var path = directory.path().resolve(made.incrementAndGet() + ".cell");
    if (path.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      var owner = PosixFilePermissions.fromString("rwx------");
      Files.createDirectory(path, PosixFilePermissions.asFileAttribute(owner));
    } else {
      Files.createDirectory(path);
    }
    return new CellStore(Vault.in(path).quotaBytes(quotaBytes).open(keys, time), path);
  }

  /** Declares the store of one cell. */
  Declaration<CellStore> declare(long quotaBytes) {
    return new Declared(this, quotaBytes);
  }

  /** A store that is not open yet. */
  private record Declared(CellStores stores, long quotaBytes) implements Declaration<CellStore> {
    @Override
    public String name() {
      return "store";
    }

    @Override
    public void describe(Description into) {
      Vault.in(stores.directory.path()).quotaBytes(quotaBytes).describe(into);
    }

    @Override
    public List<Finding> probe() {
      return stores.findings;
    }

    @Override
    public CellStore open(Opening opening) throws IOException {
      return stores.create(quotaBytes, opening.keys(), opening.time());
    }
  }

  /** How many cells' directories of a dead host were removed. */
  int removed() {
    return directory.removed();
  }

  /** Removes whatever stores are left. */
  @Override
  public void close() throws IOException {
    directory.close();
  }
}
