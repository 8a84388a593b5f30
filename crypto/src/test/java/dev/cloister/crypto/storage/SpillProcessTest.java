package dev.cloister.crypto.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cloister.crypto.testing.PlainStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What one process's store is to another process, living or dead. */
class SpillProcessTest {
  /** The shortest piece of a canary that is looked for. */
  private static final int PIECE_BYTES = 8;

  @TempDir Path parent = Path.of("");

  private Path directory() {
    return parent.resolve("spill");
  }

  private OpenStore open() throws IOException {
    return OpenStore.open(SpillStore.in(directory()).blockBytes(4096).memoryBytes(0));
  }

  @Test
  void whatADeadProcessLeftIsUnreadableAndRemovedAtTheNextOpen() throws Exception {
    try (var child = SpillChild.start(directory())) {
      assertThat(child.linesUntilSpilled()).containsExactly(SpillChild.SPILLED);
    }
    var left = OpenStore.segments(directory());
    // An eighth of the disk is a segment: 8 of the 12 blocks fill one, 4 are in the next.
    assertThat(left).hasSize(2);
    for (var segment : left) {
      assertThat(Files.size(segment)).isIn(8 * 4096L, 4 * 4096L);
      assertThat(holdsAPieceOfTheCanary(segment)).isFalse();
    }
    try (var open = open()) {
      assertThat(open.store().removedAtOpen()).isEqualTo(2);
      assertThat(open.segments()).isEmpty();
      try (var files = Files.list(directory())) {
        assertThat(files).as("the lock and the mark of this process").hasSize(2);
      }
    }
  }

  @Test
  void theCanaryIsFoundInAStoreThatHidesNothing() throws Exception {
    try (var open = OpenStore.open(PlainStore.in(directory()).blockBytes(4096).memoryBytes(0))) {
      SpillChild.fill(open.store());
      assertThat(open.segments()).isNotEmpty().allMatch(SpillProcessTest::holdsAPieceOfTheCanary);
    }
  }

  private static boolean holdsAPieceOfTheCanary(Path file) {
    try {
      // One character a byte, so that one search serves.
      var stored = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
      for (var i = 0; i + PIECE_BYTES <= SpillChild.CANARY.length; i++) {
        var piece = Arrays.copyOfRange(SpillChild.CANARY, i, i + PIECE_BYTES);
        if (stored.contains(new String(piece, StandardCharsets.ISO_8859_1))) {
          return true;
        }
      }
      return false;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void anotherProcessIsRefusedWhileAStoreIsOpen() throws Exception {
    try (var open = open()) {
      // A refused open in this process must not cost it the lock.
      assertThatThrownBy(this::open).isInstanceOf(IOException.class);
      try (var child = SpillChild.start(directory())) {
        assertThat(child.linesUntilSpilled())
            .containsExactly(
                "spill directory %s is held by another store: choose another directory"
                    .formatted(directory()));
      }
      SpillChild.fill(open.store());
      assertThat(open.segments()).isNotEmpty();
    }
  }

  @Test
  void aStoreOfAnotherProcessIsNotOpenedHere() throws Exception {
    try (var child = SpillChild.start(directory())) {
      assertThat(child.linesUntilSpilled()).containsExactly(SpillChild.SPILLED);
      assertThatThrownBy(this::open)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("is held by another store");
      assertThat(OpenStore.segments(directory())).isNotEmpty();
    }
  }

  @Test
  void theCipherIsCompiledWhenTheStoreIsOpen() throws Exception {
    var log = parent.resolve("jit.log");
    // With -Xbatch what was called often enough is compiled before the next call: no time is asked.
    try (var child =
        SpillChild.start(directory(), "-Xbatch", "-Xlog:jit+compilation=debug:file=" + log)) {
      assertThat(child.linesUntilSpilled()).containsExactly(SpillChild.SPILLED);
    }
    assertThat(Files.readString(log))
        .containsPattern(fullyCompiled("dev.cloister.crypto.storage.SealedBlocks::write"))
        .containsPattern(fullyCompiled("dev.cloister.crypto.storage.SealedBlocks::read"))
        .containsPattern(fullyCompiled("com.sun.crypto.provider.GaloisCounterMode::implGCMCrypt"));
  }

  /** As HotSpot writes it: the last of its tiers, and the method. */
  private static String fullyCompiled(String method) {
    return " 4 +" + method + " ";
  }
}
