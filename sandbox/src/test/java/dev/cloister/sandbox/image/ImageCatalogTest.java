package dev.cloister.sandbox.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cloister.core.Denied;
import dev.cloister.core.PolicyRejected;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an operator's directory of images offers, and what it refuses. */
final class ImageCatalogTest {
  private static final String DESCRIPTOR =
      """
      version: 1
      name: snake
      kind: python
      command: [/usr/bin/python3, "{image}/loader.py"]
      reads: [/usr]
      systemCalls: [read, write]
      """;

  @TempDir private Path directory;

  private Path image(String name, String descriptor) throws IOException {
    var image = Files.createDirectories(directory.resolve(name));
    Files.writeString(image.resolve("image.yaml"), descriptor);
    Files.writeString(image.resolve("loader.py"), "pass\n");
    return image;
  }

  private Path archive(String name, Map<String, String> entries) throws IOException {
    var file = directory.resolve(name);
    try (var zip = new ZipOutputStream(Files.newOutputStream(file))) {
      for (var entry : entries.entrySet()) {
        zip.putNextEntry(new ZipEntry(entry.getKey()));
        zip.write(entry.getValue().getBytes(StandardCharsets.UTF_8));
      }
    }
    return file;
  }

  @Test
  void anImageIsWhatItsDescriptorSays() throws IOException {
    var made = image("a", DESCRIPTOR);
    try (var catalog = ImageCatalog.in(directory)) {
      var image = catalog.find("snake").orElseThrow();
      assertThat(image.kind()).isEqualTo(Image.Kind.PYTHON);
      assertThat(image.digest()).isEqualTo(ImageDigest.of(made));
      assertThat(image.commandIn(Path.of("/image")))
          .containsExactly("/usr/bin/python3", "/image/loader.py");
      assertThat(image.reads()).containsExactly(Path.of("/usr"));
      assertThat(image.systemCalls()).containsExactlyInAnyOrder("read", "write");
    }
  }

  @Test
  void anImageIsFoundByItsDigestToo() throws IOException {
    image("a", DESCRIPTOR);
    try (var catalog = ImageCatalog.in(directory)) {
      var image = catalog.find("snake").orElseThrow();
      assertThat(catalog.find(image.digest().hex())).contains(image);
      assertThat(catalog.find("0".repeat(64))).isEmpty();
      assertThat(catalog.find("adder")).isEmpty();
    }
  }

  @Test
  void anArchiveIsTheSameImageAsItsDirectory() throws IOException {
    var digest = ImageDigest.of(image("a", DESCRIPTOR));
    try (var zipped = inArchive(Map.of("image.yaml", DESCRIPTOR, "loader.py", "pass\n"))) {
      assertThat(zipped.find("snake").orElseThrow().digest()).isEqualTo(digest);
    }
  }

  private ImageCatalog inArchive(Map<String, String> entries) throws IOException {
    var alone = Files.createDirectories(directory.resolve("alone"));
    archive("alone/image.zip", new LinkedHashMap<>(entries));
    return ImageCatalog.in(alone);
  }

  @Test
  void closingRemovesWhatAnArchiveWasUnpackedTo() throws IOException {
    var catalog = inArchive(Map.of("image.yaml", DESCRIPTOR, "lib/deep/x.py", "pass\n"));
    var unpacked = catalog.find("snake").orElseThrow().directory();
    assertThat(unpacked.resolve("lib/deep/x.py")).exists();
    catalog.close();
    catalog.close();
    assertThat(unpacked).doesNotExist();
  }

  @Test
  void anEntryThatLeadsOutsideIsRefused() {
    assertThatExceptionOfType(PolicyRejected.class)
        .isThrownBy(() -> inArchive(Map.of("../../evil", "x")))
        .withMessageContaining("leads outside");
    assertThat(directory.resolve("../evil")).doesNotExist();
  }

  @Test
  void aChangedByteIsRefused() throws IOException {
    var made = image("a", DESCRIPTOR);
    try (var catalog = ImageCatalog.in(directory)) {
      var image = catalog.find("snake").orElseThrow();
      ImageCatalog.verify(image);
      Files.writeString(made.resolve("loader.py"), "pasS\n");
      assertThatExceptionOfType(Denied.class)
          .isThrownBy(() -> ImageCatalog.verify(image))
          .withMessageContaining("images.snake")
          .withMessageContaining(image.digest().hex());
    }
  }

  @Test
  void anAddedFileIsRefused() throws IOException {
    var made = image("a", DESCRIPTOR);
    try (var catalog = ImageCatalog.in(directory)) {
      var image = catalog.find("snake").orElseThrow();
      Files.writeString(made.resolve("more.py"), "", StandardOpenOption.CREATE_NEW);
      assertThatExceptionOfType(Denied.class).isThrownBy(() -> ImageCatalog.verify(image));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "version: 1 | version: 2 | image.yaml:1 version",
        "name: snake | name: Snake | image name \"Snake\"",
        "name: snake | nome: snake | unknown field \"nome\"",
        "kind: python | kind: perl | kind \"perl\": allowed are python, python-op, javascript",
        "[/usr/bin/python3, | [python3, | absolute path",
        "[/usr] | [usr] | \"usr\": a path of the host must be absolute",
        "systemCalls: [read, write] | shell: yes | unknown field",
      })
  void aWrongDescriptorIsRefusedWithItsPlace(String right, String wrong, String words)
      throws IOException {
    image("a", DESCRIPTOR.replace(right, wrong));
    assertThatExceptionOfType(PolicyRejected.class)
        .isThrownBy(() -> ImageCatalog.in(directory))
        .withMessageContaining(words)
        .withMessageContaining("image.yaml:");
  }

  @Test
  void twoImagesOfOneNameAreRefused() throws IOException {
    image("a", DESCRIPTOR);
    image("b", DESCRIPTOR);
    assertThatExceptionOfType(PolicyRejected.class)
        .isThrownBy(() -> ImageCatalog.in(directory))
        .withMessageContaining("two images are named \"snake\"");
  }

  @Test
  void whatIsNoImageIsRefusedUnlessItsNameBeginsWithADot() throws IOException {
    Files.writeString(directory.resolve(".notes"), "x");
    try (var catalog = ImageCatalog.in(directory)) {
      assertThat(catalog.images()).isEqualTo(List.of());
    }
    Files.writeString(directory.resolve("notes"), "x");
    assertThatExceptionOfType(PolicyRejected.class).isThrownBy(() -> ImageCatalog.in(directory));
    Files.delete(directory.resolve("notes"));
    Files.createDirectory(directory.resolve("empty"));
    assertThatExceptionOfType(PolicyRejected.class)
        .isThrownBy(() -> ImageCatalog.in(directory))
        .withMessageContaining("it has no image.yaml");
  }
}
