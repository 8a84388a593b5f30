package dev.cloister.sandbox.vaultfs;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.WatchService;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.UserPrincipal;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** A vault as NIO sees it. To close it is to close the vault. For any number of threads. */
final class VaultFileSystem extends FileSystem {
  static final Set<String> VIEWS = Set.of("basic", "owner", "posix", "unix");

  private final Vault vault;
  private final BlockStore store;
  private final Tree tree;
  private final Quota quota;
  private final OpenFiles openFiles;
  private final VaultProvider provider = new VaultProvider(this);

  VaultFileSystem(Vault vault, BlockStore store, Tree tree, Quota quota, OpenFiles openFiles) {
    this.vault = vault;
    this.store = store;
    this.tree = tree;
    this.quota = quota;
    this.openFiles = openFiles;
  }

  Tree tree() {
    return tree;
  }

  void requireAlive() {
    store.requireAlive();
  }

  void force() throws IOException {
    store.force();
  }

  /** Opens a file that was found or made; one that is removed meanwhile is looked for again. */
  VaultChannel open(VaultPath path, OpenMode mode) throws IOException {
    requireAlive();
    while (true) {
      var file = tree.file(path, mode);
      var channel = new VaultChannel(this, path, file, mode);
      if (file.open()) {
        try {
          openFiles.add(channel, path.toString());
        } catch (IOException e) {
          file.closed(true);
          throw e;
        }
        prepare(path, mode, channel);
        return channel;
      }
    }
  }

  private void prepare(VaultPath path, OpenMode mode, VaultChannel channel) throws IOException {
    try {
      if (mode.truncates()) {
        var _ = channel.truncate(0);
      }
      if (mode.deletesOnClose()) {
        // Nobody finds it any more; what it holds is there until the channel is closed.
        tree.delete(path);
      }
      requireAlive();
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  void closed(VaultChannel channel, FileNode file) throws IOException {
    openFiles.remove(channel);
    file.closed(vault.isOpen());
  }

  void opened(Closeable stream, VaultPath path) throws IOException {
    openFiles.add(stream, path.toString());
  }

  void closed(Closeable stream) {
    openFiles.remove(stream);
  }

  @Override
  public VaultProvider provider() {
    return provider;
  }

  @Override
  public void close() throws IOException {
    vault.close();
  }

  @Override
  public boolean isOpen() {
    return vault.isOpen();
  }

  @Override
  public boolean isReadOnly() {
    return false;
  }

  @Override
  public String getSeparator() {
    return "/";
  }

  @Override
  public Iterable<Path> getRootDirectories() {
    return List.of(getPath("/"));
  }

  @Override
  public Iterable<FileStore> getFileStores() {
    return List.of(fileStore());
  }

  FileStore fileStore() {
    return new VaultFileStore(quota);
  }

  @Override
  public Set<String> supportedFileAttributeViews() {
    return VIEWS;
  }

  @Override
  public VaultPath getPath(String first, String... more) {
    return VaultPath.parse(this, more.length == 0 ? first : first + "/" + String.join("/", more));
  }

  @Override
  public PathMatcher getPathMatcher(String syntaxAndPattern) {
    var colon = syntaxAndPattern.indexOf(':');
    if (colon <= 0) {
      throw new IllegalArgumentException(
          "\"%s\": give a syntax and a pattern, such as glob:*.txt".formatted(syntaxAndPattern));
    }
    var pattern = syntaxAndPattern.substring(colon + 1);
    var compiled =
        switch (syntaxAndPattern.substring(0, colon)) {
          case "glob" -> Glob.compile(pattern);
          case "regex" -> Pattern.compile(pattern);
          default ->
              throw new UnsupportedOperationException(
                  "\"%s\": allowed are glob and regex".formatted(syntaxAndPattern));
        };
    return path -> compiled.matcher(path.toString()).matches();
  }

  @Override
  public UserPrincipalLookupService getUserPrincipalLookupService() {
    return new UserPrincipalLookupService() {
      @Override
      public UserPrincipal lookupPrincipalByName(String name) throws IOException {
        return lookupPrincipalByGroupName(name);
      }

      @Override
      public GroupPrincipal lookupPrincipalByGroupName(String name) throws IOException {
        if (name.equals(VaultPrincipal.CELL.getName())) {
          return VaultPrincipal.CELL;
        }
        throw new UserPrincipalNotFoundException(name);
      }
    };
  }

  @Override
  public WatchService newWatchService() {
    throw new UnsupportedOperationException("a vault tells nobody of its changes");
  }
}
