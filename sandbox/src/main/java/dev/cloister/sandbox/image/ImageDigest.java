package dev.cloister.sandbox.image;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.TreeMap;

/**
 * Names an image by all that it holds: one changed byte, name, link target or execute bit gives
 * another digest. It does not say who made the image, and owners and times do not count.
 *
 * <p>The digest is SHA-256 over one line for each entry below the image's directory, sorted by
 * path: a letter for its kind ({@code d} directory, {@code f} file, {@code x} executable file,
 * {@code l} link), the SHA-256 of a file's bytes or of a link's target in hex ({@code -} for a
 * directory), and the path with slashes, separated by single spaces, with a line feed.
 *
 * @param hex 64 lower-case digits
 */
public record ImageDigest(String hex) {

  /** Takes one that was written before. */
  public ImageDigest {
    if (!hex.matches("[0-9a-f]{64}")) {
      throw new IllegalArgumentException(
          "image digest \"" + hex + "\": must be 64 lower-case hex digits");
    }
  }

  /**
   * Reads an image.
   *
   * @param directory its root; links in it are read, not followed
   * @return its digest
   * @throws IOException when an entry cannot be read, is neither file, directory nor link, or has a
   *     line break in its name
   */
  public static ImageDigest of(Path directory) throws IOException {
    var lines = new TreeMap<String, String>();
    try (var entries = Files.walk(directory)) {
      for (var entry : (Iterable<Path>) entries.skip(1)::iterator) {
        var path = directory.relativize(entry).toString().replace('\\', '/');
        if (path.chars().anyMatch(c -> c == '\n' || c == '\r')) {
          throw new IOException("image entry with a line break in its name: rename it");
        }
        lines.put(path, line(entry) + " " + path + "\n");
      }
    }
    var all = sha256();
    lines.values().forEach(line -> all.update(line.getBytes(StandardCharsets.UTF_8)));
    return new ImageDigest(HexFormat.of().formatHex(all.digest()));
  }

  private static String line(Path entry) throws IOException {
    if (Files.isSymbolicLink(entry)) {
      var target = Files.readSymbolicLink(entry).toString();
      return "l "
          + HexFormat.of().formatHex(sha256().digest(target.getBytes(StandardCharsets.UTF_8)));
    }
    if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
      return "d -";
    }
    if (Files.isRegularFile(entry, LinkOption.NOFOLLOW_LINKS)) {
      return (Files.isExecutable(entry) ? "x " : "f ") + contentDigest(entry);
    }
    throw new IOException(
        entry + " is neither file, directory nor link: an image holds those only");
  }

  private static String contentDigest(Path file) throws IOException {
    var digest = sha256();
    try (var in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
      var buffer = new byte[1 << 16];
      for (var read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        digest.update(buffer, 0, read);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
