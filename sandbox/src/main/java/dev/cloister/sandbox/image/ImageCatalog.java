package dev.cloister.sandbox.image;

import dev.cloister.core.Denied;
import dev.cloister.core.PolicyRejected;
import dev.cloister.core.internal.Failures;
import dev.cloister.core.policy.Document;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The images that an operator offers: each a directory, or a zip archive of one, with its
 * descriptor {@code image.yaml}. An image is read when the catalog is opened, and its digest is
 * computed again each time it is used: a changed byte is refused. What changes between that look
 * and the start of a program is the operator's own doing, and is not seen.
 *
 * <p>Safe for use by many threads. Closing removes what archives were unpacked to.
 */
public final class ImageCatalog implements AutoCloseable {
  /** How many images a catalog may hold. */
  public static final int IMAGES_MAX = 256;

  private final Map<String, Image> images;
  private final List<UnpackedImage> unpacked;

  private ImageCatalog(Map<String, Image> images, List<UnpackedImage> unpacked) {
    this.images = images;
    this.unpacked = unpacked;
  }

  /**
   * Opens a catalog.
   *
   * @param directory whose every entry is an image: a directory, or an archive named {@code *.zip};
   *     entries that begin with a dot are left alone
   * @return the catalog, which the caller closes
   * @throws PolicyRejected when a descriptor is wrong, or two images have one name
   * @throws IOException when an entry cannot be read
   */
  public static ImageCatalog in(Path directory) throws IOException {
    var catalog = new ImageCatalog(new LinkedHashMap<>(), new ArrayList<>());
    try (var entries = Files.newDirectoryStream(directory)) {
      for (var entry : entries) {
        if (!String.valueOf(entry.getFileName()).startsWith(".")) {
          catalog.add(entry);
        }
      }
    } catch (IOException | RuntimeException e) {
      Failures.undo(e, catalog::close);
      throw e;
    }
    return catalog;
  }

  /**
   * Makes a catalog of images that were read before, such as a fake's.
   *
   * @param images no two with one name
   * @return the catalog
   */
  public static ImageCatalog of(Image... images) {
    var catalog = new ImageCatalog(new LinkedHashMap<>(), new ArrayList<>());
    for (var image : images) {
      catalog.put(image, image.name());
    }
    return catalog;
  }

  private void add(Path entry) throws IOException {
    if (Files.isDirectory(entry)) {
      put(read(entry), entry.toString());
    } else if (entry.toString().endsWith(".zip")) {
      var archive = UnpackedImage.of(entry);
      unpacked.add(archive);
      put(read(archive.directory()), entry.toString());
    } else {
      throw new PolicyRejected(
          entry.toString(),
          "an image is a directory or a .zip archive: move this elsewhere, or let its name begin"
              + " with a dot");
    }
  }

  private void put(Image image, String place) {
    if (images.size() == IMAGES_MAX) {
      throw new PolicyRejected(place, "more than " + IMAGES_MAX + " images: remove some");
    }
    if (images.putIfAbsent(image.name(), image) != null) {
      throw new PolicyRejected(
          place, "two images are named \"" + image.name() + "\": rename one of them");
    }
  }

  private static Image read(Path directory) throws IOException {
    var file = directory.resolve(Image.DESCRIPTOR);
    if (!Files.isRegularFile(file)) {
      throw new PolicyRejected(
          directory.toString(), "it has no " + Image.DESCRIPTOR + ": write one, or move it away");
    }
    var real = directory.toRealPath();
    return Image.described(Document.read(file).root(), ImageDigest.of(real), real);
  }

  /**
   * Finds an image.
   *
   * @param name its name, or its digest in hex
   * @return the image; empty when the catalog has none such
   */
  public Optional<Image> find(String name) {
    return Optional.ofNullable(images.get(name))
        .or(() ->
            images.values().stream()
                .filter(image -> image.digest().hex().equals(name))
                .findFirst());
  }

  /**
   * Returns every image.
   *
   * @return in the order of their entries
   */
  public List<Image> images() {
    return List.copyOf(images.values());
  }

  /**
   * Reads an image once more, and compares.
   *
   * @param image one of this catalog
   * @throws Denied when a byte of it has changed since the catalog was opened
   * @throws IOException when it cannot be read
   */
  public static void verify(Image image) throws IOException {
    if (image.kind() == Image.Kind.JAVA) {
      return;
    }
    var now = ImageDigest.of(image.directory());
    if (!now.equals(image.digest())) {
      throw new Denied(
          "images." + image.name(),
          "the image has changed since its catalog was opened: digest %s, was %s"
              .formatted(now.hex(), image.digest().hex()));
    }
  }

  /** Removes what archives were unpacked to; all of it, even if one cannot be removed. */
  @Override
  public void close() throws IOException {
    var failures = new Failures();
    unpacked.forEach(archive -> failures.run(archive::close));
    unpacked.clear();
    failures.throwFirst();
  }
}
