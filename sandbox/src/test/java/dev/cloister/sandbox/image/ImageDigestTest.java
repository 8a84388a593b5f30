package dev.cloister.sandbox.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ImageDigestTest {
  @TempDir private Path scratch;

  private Path image(String name) throws IOException {
    var root = Files.createDirectories(scratch.resolve(name));
    Files.createDirectories(root.resolve("lib/empty"));
    Files.writeString(root.resolve("main.py"), "print(1)\n");
    Files.writeString(root.resolve("lib/a"), "a");
    Files.createSymbolicLink(root.resolve("link"), Path.of("lib/a"));
    return root;
  }

  @Test
  void equalImagesHaveOneName() throws IOException {
    assertThat(ImageDigest.of(image("one"))).isEqualTo(ImageDigest.of(image("two")));
  }

  @Test
  void theDigestIsOfTheDocumentedLines()
      throws IOException, java.security.GeneralSecurityException {
    var root = Files.createDirectory(scratch.resolve("small"));
    Files.createDirectory(root.resolve("d"));
    Files.writeString(root.resolve("d/f"), "");
    var emptySha = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    var lines = "d - d\nf " + emptySha + " d/f\n";
    var expected =
        java.util.HexFormat.of()
            .formatHex(
                java.security.MessageDigest.getInstance("SHA-256").digest(lines.getBytes(UTF_8)));
    assertThat(ImageDigest.of(root).hex()).isEqualTo(expected);
  }

  @Test
  void anyChangeGivesAnotherName() throws IOException {
    var before = ImageDigest.of(image("before"));

    var oneByte = image("byte");
    Files.writeString(oneByte.resolve("main.py"), "print(2)\n");
    var renamed = image("renamed");
    Files.move(renamed.resolve("lib/a"), renamed.resolve("lib/b"));
    var added = image("added");
    Files.createDirectory(added.resolve("new"));
    var retargeted = image("retargeted");
    Files.delete(retargeted.resolve("link"));
    Files.createSymbolicLink(retargeted.resolve("link"), Path.of("main.py"));
    var executable = image("executable");
    Files.setPosixFilePermissions(
        executable.resolve("main.py"), PosixFilePermissions.fromString("rwxr-xr-x"));

    for (var changed : new Path[] {oneByte, renamed, added, retargeted, executable}) {
      assertThat(ImageDigest.of(changed)).as(changed.toString()).isNotEqualTo(before);
    }
  }

  @Test
  void aLinkIsReadNotFollowed() throws IOException {
    var root = image("dangling");
    Files.createSymbolicLink(root.resolve("nowhere"), Path.of("/does/not/exist"));
    assertThat(ImageDigest.of(root).hex()).hasSize(64);
  }

  @Test
  void aTextThatIsNoDigestIsRefused() {
    assertThatThrownBy(() -> new ImageDigest("ABC"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("64 lower-case hex digits");
  }
}
