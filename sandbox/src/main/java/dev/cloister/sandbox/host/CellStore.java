package dev.cloister.sandbox.host;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cloister.core.ContextDestroyed;
import dev.cloister.core.Denied;
import dev.cloister.core.Description;
import dev.cloister.core.gate.Store;
import dev.cloister.core.internal.Failures;
import dev.cloister.core.policy.Resource;
import dev.cloister.sandbox.fuse.FuseMount;
import dev.cloister.sandbox.runtime.CellApi;
import dev.cloister.sandbox.vaultfs.Vault;
import dev.cloister.sandbox.vaultfs.VaultFull;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * One cell's entries and files, in its vault: each is there whole or not at all, nobody else reads
 * one or changes one unnoticed, and nothing is left after {@link #close}.
 *
 * <p>An entry is a file named by the SHA-256 of its name, so that any text is a name. What it
 * counts is what the vault counts: 4096 bytes, and the blocks that its value takes. While an entry
 * is replaced, old and new are in the vault together, as long as both fit in. For any number of
 * threads.
 */
final class CellStore implements Store {
  private final Vault vault;
  private final Path directory;
  private final TreeSet<String> names = new TreeSet<>();
  private Optional<FuseMount> mount = Optional.empty();

  /** Written under the lock. */
  private volatile boolean closed;

  /** Takes the vault over, and the directory of the host that it was opened in. */
  CellStore(Vault vault, Path directory) {
    this.vault = vault;
    this.directory = directory;
  }

  synchronized Optional<byte[]> get(String name) throws IOException {
    requireOpen();
    return names.contains(name) ? Optional.of(Files.readAllBytes(fileOf(name))) : Optional.empty();
  }

  synchronized void put(String name, ByteBuffer value) throws IOException {
    requireOpen();
    var characters = name.codePointCount(0, name.length());
    if (characters < 1 || characters > CellApi.NAME_CHARACTERS_MAX) {
      throw new IOException(
          "name of %d characters: allowed are 1 to %d"
              .formatted(characters, CellApi.NAME_CHARACTERS_MAX));
    }
    try {
      replace(fileOf(name), value);
    } catch (VaultFull full) {
      if (!names.contains(name)) {
        throw denied(full);
      }
      replaceInRoomOf(fileOf(name), value);
    }
    names.add(name);
  }

  private static Denied denied(VaultFull full) {
    return new Denied("limits." + Resource.DISK_BYTES.label(), full.getReason());
  }

  private void replace(Path file, ByteBuffer value) throws IOException {
    var unfinished = vault.root().resolve("unfinished");
    try {
      write(unfinished, value.duplicate());
      Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      Files.deleteIfExists(unfinished);
      throw e;
    }
  }

  private static void write(Path file, ByteBuffer value) throws IOException {
    try (var channel =
        Files.newByteChannel(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      while (value.hasRemaining()) {
        channel.write(value);
      }
    }
  }

  /** Keeps the old value in memory until the new one is there; its room is enough for itself. */
  private void replaceInRoomOf(Path file, ByteBuffer value) throws IOException {
    var before = ByteBuffer.wrap(Files.readAllBytes(file));
    Files.delete(file);
    try {
      replace(file, value);
    } catch (VaultFull full) {
      replace(file, before);
      throw denied(full);
    } catch (IOException e) {
      replace(file, before);
      throw e;
    }
  }

  synchronized boolean delete(String name) throws IOException {
    requireOpen();
    if (!names.contains(name)) {
      return false;
    }
    Files.delete(fileOf(name));
    names.remove(name);
    return true;
  }

  /** The names, sorted. */
  synchronized List<String> list() {
    requireOpen();
    return List.copyOf(names);
  }

  /** A directory of the vault beside the entries, for what the function writes by itself. */
  synchronized Path files() throws IOException {
    requireOpen();
    return Files.createDirectories(vault.root().resolve("files"));
  }

  /** The same directory where programs see it, until {@link #close}. */
  synchronized Path mountedFiles(CellMounts mounts) throws IOException {
    if (mount.isEmpty()) {
      mount = Optional.of(mounts.mount(files()));
    }
    return mount.get().place();
  }

  /** What counts against the quota now; it waits for no entry that is being stored. */
  long usedBytes() {
    return closed ? 0 : vault.usedBytes();
  }

  /** Removes every entry and the directory. */
  @Override
  public synchronized void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    names.clear();
    var failures = new Failures();
    mount.ifPresent(open -> failures.run(open::close));
    failures.run(vault::close);
    failures.run(() -> Files.deleteIfExists(directory));
    failures.throwFirst();
  }

  private void requireOpen() {
    if (closed) {
      throw new ContextDestroyed("the cell's store");
    }
  }

  private Path fileOf(String name) {
    return vault.root().resolve(Description.sha256Hex(name.getBytes(UTF_8)));
  }
}
