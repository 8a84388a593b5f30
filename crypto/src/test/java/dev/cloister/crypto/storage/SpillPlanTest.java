package dev.cloister.crypto.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cloister.core.context.ContextPlan;
import dev.cloister.core.context.SealedContext;
import dev.cloister.core.posture.Guarantee;
import dev.cloister.core.posture.Guarantees;
import dev.cloister.core.posture.Posture.State;
import dev.cloister.core.testing.FakeHost;
import dev.cloister.crypto.storage.SpillStore.Accounting;
import dev.cloister.crypto.testing.PlainStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A spill store as a context's plan declares it, and as the context opens and closes it. */
class SpillPlanTest {
  @TempDir Path parent = Path.of("");

  private Path directory() {
    return parent.resolve("spill");
  }

  private static SealedContext seal(SpillPlan plan) throws IOException {
    return ContextPlan.named("spilling", Guarantees.lab()).host(new FakeHost()).store(plan).seal();
  }

  @Test
  void aContextSpillsCountsAndLeavesNothing() throws IOException {
    var plan = SpillStore.in(directory()).blockBytes(4096).memoryBytes(4096).diskBytes(1 << 20);
    var context = seal(plan);
    try (context) {
      var store = context.part(SpillStore.class);
      assertThat(context.posture().of(Guarantee.NOTHING_RAW_ON_DISK).state())
          .isEqualTo(State.ENFORCED);
      try (var reader = store.reader();
          var use = context.enter()) {
        for (var i = 0; i < 15; i++) {
          store.append(new byte[0], OpenStore.record(i, 800), 0, 800);
          store.drain();
        }
        for (var i = 0; i < 15; i++) {
          assertThat(reader.next()).isTrue();
          assertThat(OpenStore.bytes(reader)).isEqualTo(OpenStore.record(i, 800));
        }
        assertThat(use).isNotNull();
      }
      assertThat(store.accounting()).isEqualTo(new Accounting(15, 15, 0, 0, 0));
      assertThat(context.ledger().counters())
          .containsEntry("spilledBytes", 4096L)
          .containsEntry("spillMemoryBytes", 2 * 4096L)
          .containsEntry("spillDiskBytes", 2 * 4096L)
          .containsEntry("lost.closed", 0L);
      assertThat(OpenStore.segments(directory())).hasSize(1);
    }
    assertThat(directory()).doesNotExist();
    assertThat(context.ledger().counters()).containsEntry("spillDiskBytes", 0L);
  }

  @Test
  void aContextThatClosesUnderItsReadersCountsWhatTheyHadNotRead() throws IOException {
    var context = seal(SpillStore.in(directory()));
    var store = context.part(SpillStore.class);
    store.append(new byte[0], new byte[10], 0, 10);
    store.append(new byte[0], new byte[10], 0, 10);
    try (var reader = store.reader()) {
      assertThat(reader.next()).isTrue();
      context.close();
      assertThat(reader.next()).isFalse();
      assertThat(reader.isOver()).isTrue();
    }
    assertThat(context.ledger().counters()).containsEntry("lost.closed", 1L);
  }

  @Test
  void aStoreThatWritesInPlainIsSimulatedAndRefusedOutsideTheLab() throws IOException {
    try (var context = seal(PlainStore.in(directory()))) {
      assertThat(context.posture().of(Guarantee.NOTHING_RAW_ON_DISK).state())
          .isEqualTo(State.SIMULATED);
    }
    var sealed = ContextPlan.named("spilling", Guarantees.cell()).store(PlainStore.in(directory()));
    assertThatThrownBy(sealed::seal).hasMessageContaining("does not run in sealed mode");
    assertThat(directory()).doesNotExist();
  }

  @Test
  void aDirectoryInUseRefusesTheSealAndStaysAsItIs() throws IOException {
    try (var context = seal(SpillStore.in(directory()))) {
      assertThatThrownBy(() -> seal(SpillStore.in(directory())))
          .isInstanceOf(IOException.class)
          .hasMessage(
              "spill directory %s is held by another store: choose another directory"
                  .formatted(directory()));
      assertThat(context.isOpen()).isTrue();
      assertThat(directory()).exists();
    }
  }

  @Test
  void whatCannotBeHeldToIsRefusedWithWhatIsAllowed() {
    var plan = SpillStore.in(directory());
    assertThatThrownBy(() -> plan.blockBytes(4097))
        .hasMessage("blockBytes 4097: allowed multiples of 4096 from 4096 to 16777216");
    assertThatThrownBy(() -> plan.blockBytes(0)).hasMessageContaining("blockBytes 0");
    assertThatThrownBy(() -> plan.blockBytes(32 << 20)).hasMessageContaining("blockBytes");
    assertThatThrownBy(() -> plan.memoryBytes(-1)).hasMessage("memoryBytes -1: must be at least 0");
    assertThatThrownBy(() -> plan.diskBytes(-1)).hasMessageContaining("diskBytes -1");
    assertThatThrownBy(() -> plan.passes(0)).hasMessage("passes 0: must be at least 1");
  }

  @Test
  void nothingIsMadeUntilTheSeal() {
    assertThat(SpillStore.in(directory()).probe()).hasSize(1);
    assertThat(Files.exists(directory())).isFalse();
  }
}
