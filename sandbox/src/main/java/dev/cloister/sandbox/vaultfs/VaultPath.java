package dev.cloister.sandbox.vaultfs;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.ProviderMismatchException;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A path of a vault, written as on Unix. A relative one is relative to the root. Immutable; two are
 * equal when they are of the same vault and written the same.
 */
final class VaultPath implements Path {
  private static final String UP = "..";
  private static final String HERE = ".";

  private final VaultFileSystem fileSystem;
  private final boolean absolute;
  private final List<String> names;

  VaultPath(VaultFileSystem fileSystem, boolean absolute, List<String> names) {
    this.fileSystem = fileSystem;
    this.absolute = absolute;
    this.names = List.copyOf(names);
  }

  static VaultPath parse(VaultFileSystem fileSystem, String text) {
    var nul = text.indexOf('\0');
    if (nul >= 0) {
      throw new InvalidPathException(text.replace('\0', '?'), "Nul character not allowed", nul);
    }
    var names = Arrays.stream(text.split("/", -1)).filter(name -> !name.isEmpty()).toList();
    return new VaultPath(fileSystem, text.startsWith("/"), names);
  }

  private VaultPath of(boolean isAbsolute, List<String> others) {
    return new VaultPath(fileSystem, isAbsolute, others);
  }

  /** None for the root, and for the empty path. */
  List<String> names() {
    return names;
  }

  private boolean isEmpty() {
    return names.isEmpty() && !absolute;
  }

  private VaultPath ours(Path other) {
    if (other instanceof VaultPath path && path.fileSystem.equals(fileSystem)) {
      return path;
    }
    throw new ProviderMismatchException();
  }

  @Override
  public VaultFileSystem getFileSystem() {
    return fileSystem;
  }

  @Override
  public boolean isAbsolute() {
    return absolute;
  }

  @Override
  public @Nullable VaultPath getRoot() {
    return absolute ? of(true, List.of()) : null;
  }

  @Override
  public @Nullable VaultPath getFileName() {
    if (isEmpty()) {
      return this;
    }
    return names.isEmpty() ? null : of(false, List.of(names.getLast()));
  }

  @Override
  public @Nullable VaultPath getParent() {
    if (names.isEmpty() || (names.size() == 1 && !absolute)) {
      return null;
    }
    return of(absolute, names.subList(0, names.size() - 1));
  }

  @Override
  public int getNameCount() {
    return isEmpty() ? 1 : names.size();
  }

  @Override
  public VaultPath getName(int index) {
    return subpath(index, index + 1);
  }

  @Override
  public VaultPath subpath(int beginIndex, int endIndex) {
    if (beginIndex < 0 || endIndex > getNameCount() || beginIndex >= endIndex) {
      throw new IllegalArgumentException(
          "names %d to %d of %s: allowed are 0 to %d"
              .formatted(beginIndex, endIndex, this, getNameCount()));
    }
    return isEmpty() ? this : of(false, names.subList(beginIndex, endIndex));
  }

  @Override
  public boolean startsWith(Path other) {
    return other instanceof VaultPath path
        && path.fileSystem.equals(fileSystem)
        && path.absolute == absolute
        && path.isEmpty() == isEmpty()
        && path.names.size() <= names.size()
        && names.subList(0, path.names.size()).equals(path.names);
  }

  @Override
  public boolean endsWith(Path other) {
    if (!(other instanceof VaultPath path) || !path.fileSystem.equals(fileSystem)) {
      return false;
    }
    if (path.absolute) {
      return equals(path);
    }
    var from = names.size() - path.names.size();
    return path.isEmpty() == isEmpty()
        && from >= 0
        && names.subList(from, names.size()).equals(path.names);
  }

  @Override
  public VaultPath normalize() {
    var kept = new ArrayList<String>();
    for (var name : names) {
      if (name.equals(UP) && !kept.isEmpty() && !kept.getLast().equals(UP)) {
        kept.removeLast();
      } else if (!name.equals(HERE) && !(name.equals(UP) && absolute)) {
        kept.add(name);
      }
    }
    return of(absolute, kept);
  }

  @Override
  public VaultPath resolve(Path other) {
    var path = ours(other);
    if (path.absolute || isEmpty()) {
      return path;
    }
    var all = new ArrayList<>(names);
    all.addAll(path.names);
    return of(absolute, all);
  }

  @Override
  public VaultPath relativize(Path other) {
    var path = ours(other);
    if (path.absolute != absolute) {
      throw new IllegalArgumentException(
          "%s and %s: both must be absolute, or neither".formatted(this, other));
    }
    if (isEmpty() || equals(path)) {
      return isEmpty() ? path : of(false, List.of());
    }
    var base = hasDots() || path.hasDots() ? normalize() : this;
    var child = hasDots() || path.hasDots() ? path.normalize() : path;
    var common = 0;
    while (common < Math.min(base.names.size(), child.names.size())
        && base.names.get(common).equals(child.names.get(common))) {
      common++;
    }
    var left = base.names.subList(common, base.names.size());
    if (left.contains(UP)) {
      throw new IllegalArgumentException(
          "from %s no path to %s can be told: it begins above what is known"
              .formatted(this, other));
    }
    var result = new ArrayList<>(Collections.nCopies(left.size(), UP));
    result.addAll(child.names.subList(common, child.names.size()));
    return of(false, result);
  }

  private boolean hasDots() {
    return names.contains(UP) || names.contains(HERE);
  }

  @Override
  public URI toUri() {
    try {
      return new URI(VaultProvider.SCHEME, null, toAbsolutePath().toString(), null);
    } catch (URISyntaxException e) {
      throw new IllegalStateException("every absolute path is a URI", e);
    }
  }

  @Override
  public VaultPath toAbsolutePath() {
    return absolute ? this : of(true, names);
  }

  @Override
  public VaultPath toRealPath(LinkOption... options) throws IOException {
    var follow = !Arrays.asList(options).contains(LinkOption.NOFOLLOW_LINKS);
    var real = fileSystem.tree().realNames(this, follow);
    return follow || hasDots() ? of(true, real) : toAbsolutePath();
  }

  @Override
  public WatchKey register(
      WatchService watcher, WatchEvent.Kind<?>[] events, WatchEvent.Modifier... modifiers) {
    throw new ProviderMismatchException();
  }

  @Override
  public int compareTo(Path other) {
    return toString().compareTo(ours(other).toString());
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof VaultPath path
        && path.fileSystem.equals(fileSystem)
        && path.absolute == absolute
        && path.names.equals(names);
  }

  @Override
  public int hashCode() {
    return Objects.hash(absolute, names);
  }

  @Override
  public String toString() {
    return (absolute ? "/" : "") + String.join("/", names);
  }
}
