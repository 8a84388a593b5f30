package dev.cloister.tor.function;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import dev.cloister.core.Denied;
import dev.cloister.core.testing.RequiresProgram;
import dev.cloister.sandbox.host.HostCounter;
import dev.cloister.sandbox.host.StartedCell;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A Dropbox that really runs, and all who hold a grant to it. */
@RequiresProgram(value = "python3", root = true)
@Timeout(120)
final class DropboxTest {
  private static final byte[] WORDS = "some words".getBytes(UTF_8);
  private static final long MUCH = 1L << 30;
  private static final Duration LONG = FunctionWorld.LONG;

  @TempDir private Path directory;
  private FunctionWorld world;

  @BeforeEach
  void open() throws IOException {
    world = new FunctionWorld(directory, FunctionWorld.Tier.PROCESS, "reject *:*");
  }

  @AfterEach
  void close() throws IOException {
    world.close();
  }

  private StartedCell started(int reads, long volume, Duration lifetime) throws IOException {
    return world.dropbox(new DropboxBounds(reads, volume, lifetime), 8 << 20);
  }

  private Dropbox owner(StartedCell cell) {
    return Dropbox.over(world.talk(cell));
  }

  private Dropbox holder(StartedCell cell, int uses) {
    return Dropbox.over(LocalFunction.in(world.host, world.narrowed(cell, uses)));
  }

  private static void isRefused(ThrowingCallable act) {
    assertThatExceptionOfType(Denied.class)
        .isThrownBy(act)
        .withMessage("dropbox: there is nothing here for this grant now");
  }

  private void awaitGone() throws IOException, InterruptedException {
    var giveUp = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!world.kept().isEmpty() || living() > 0) {
      assertThat(System.nanoTime()).as("%s, %d living", world.kept(), living()).isLessThan(giveUp);
      Thread.sleep(5);
    }
  }

  private long living() {
    return world.host.ledger().tally(HostCounter.LIVING).get();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 10, Dropbox.PIECE_BYTES, Dropbox.PIECE_BYTES + 1, 5_000_000})
  void whatWasPutIsGot(int size) throws Exception {
    var content = new byte[size];
    new Random(size).nextBytes(content);
    var cell = started(1, MUCH, LONG);
    holder(cell, Dropbox.pieces(size)).put(content, LONG);
    assertThat(holder(cell, Dropbox.pieces(size)).get(size, LONG)).isEqualTo(content);
    awaitGone();
  }

  @Test
  void earlyLateAndRepeatedReadsAreRefusedAlike() throws Exception {
    var cell = started(1, MUCH, LONG);
    var reader = holder(cell, 20);
    isRefused(() -> reader.get(MUCH, LONG));
    owner(cell).put(WORDS, LONG);
    isRefused(() -> owner(cell).put(WORDS, LONG));
    assertThat(reader.get(MUCH, LONG)).isEqualTo(WORDS);
    isRefused(() -> reader.get(MUCH, LONG));
    awaitGone();
    isRefused(() -> reader.get(MUCH, LONG));
    isRefused(() -> owner(cell).get(MUCH, LONG));
    isRefused(() -> owner(cell).put(WORDS, LONG));
  }

  @Test
  void halfOfAContentIsNone() throws Exception {
    var cell = started(1, MUCH, LONG);
    var half = ByteBuffer.allocate(10).put((byte) 'P').putInt(0).putInt(2).put((byte) 'x').array();
    assertThat(world.talk(cell).call(half, LONG)).isEqualTo(new byte[] {'+'});
    isRefused(() -> owner(cell).get(MUCH, LONG));
  }

  /** One answer to whatever is no request, which also changes nothing. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "x",
        "P",
        "G",
        "G000",
        "G00000",
        "P0000000",
        "G\0\0\0\1",
        "P\0\0\0\0\0\0\0\0",
        "P\0\0\0\0\0\0\0\1again",
        "P\0\0\0\1\0\0\0\1",
        "P\0\0\0\1\0\0\0\2x",
        "G\177\0\0\0"
      })
  void whatIsNoRequestIsRefused(String message) throws Exception {
    var cell = started(1, MUCH, LONG);
    owner(cell).put(WORDS, LONG);
    assertThat(world.talk(cell).call(message.getBytes(UTF_8), LONG)).isEqualTo(new byte[] {'-'});
    assertThat(owner(cell).get(MUCH, LONG)).isEqualTo(WORDS);
  }

  @Test
  void itIsGivenOutAsOftenAsItsCount() throws Exception {
    var cell = started(3, MUCH, LONG);
    owner(cell).put(WORDS, LONG);
    for (var i = 0; i < 3; i++) {
      assertThat(holder(cell, 1).get(MUCH, LONG)).isEqualTo(WORDS);
    }
    isRefused(() -> owner(cell).get(MUCH, LONG));
    awaitGone();
  }

  @Test
  void aGrantIsGoodForItsUsesThoughMoreAreLeft() throws Exception {
    var cell = started(3, MUCH, LONG);
    owner(cell).put(WORDS, LONG);
    var reader = holder(cell, 1);
    assertThat(reader.get(MUCH, LONG)).isEqualTo(WORDS);
    isRefused(() -> reader.get(MUCH, LONG));
    assertThat(holder(cell, 1).get(MUCH, LONG)).isEqualTo(WORDS);
  }

  @Test
  void eachPieceIsCountedByItself() throws Exception {
    var cell = started(1, MUCH, LONG);
    owner(cell).put(new byte[Dropbox.PIECE_BYTES + 1], LONG);
    var first = "G\0\0\0\0".getBytes(UTF_8);
    assertThat(world.talk(cell).call(first, LONG)).hasSize(5 + Dropbox.PIECE_BYTES);
    assertThat(world.talk(cell).call(first, LONG)).isEqualTo(new byte[] {'-'});
    assertThat(world.talk(cell).call("G\0\0\0\1".getBytes(UTF_8), LONG)).hasSize(6);
    awaitGone();
  }

  @Test
  void noMoreThanItsVolumeLeaves() throws Exception {
    var cell = started(9, 25, LONG);
    owner(cell).put(WORDS, LONG);
    for (var i = 0; i < 2; i++) {
      assertThat(holder(cell, 1).get(MUCH, LONG)).isEqualTo(WORDS);
    }
    isRefused(() -> owner(cell).get(MUCH, LONG));
    awaitGone();
  }

  @Test
  void afterItsTimeNothingIsLeft() throws Exception {
    var cell = started(9, MUCH, Duration.ofSeconds(2));
    owner(cell).put(WORDS, LONG);
    assertThat(world.kept()).isNotEmpty();
    awaitGone();
    isRefused(() -> owner(cell).get(MUCH, LONG));
  }

  @Test
  void whatDoesNotFitIsRefusedAndTheBoxLivesOn() throws Exception {
    var cell = world.dropbox(new DropboxBounds(1, MUCH, LONG), 10_000);
    isRefused(() -> owner(cell).put(new byte[1 << 20], LONG));
    owner(cell).put(WORDS, LONG);
    assertThat(owner(cell).get(MUCH, LONG)).isEqualTo(WORDS);
  }

  @Test
  void moreThanIsTakenIsAnError() throws Exception {
    var cell = started(2, MUCH, LONG);
    owner(cell).put(WORDS, LONG);
    assertThatIOException().isThrownBy(() -> owner(cell).get(9, LONG));
    assertThat(owner(cell).get(10, LONG)).isEqualTo(WORDS);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void ofManyWhoReadAtOnceAsManyGetItAsItsCount(int reads) throws Exception {
    var cell = started(reads, MUCH, LONG);
    owner(cell).put(WORDS, LONG);
    assertThat(outcomes(16, () -> got(holder(cell, 1))))
        .hasSize(16)
        .filteredOn("got"::equals)
        .hasSize(reads);
    awaitGone();
  }

  private static String got(Dropbox box) throws IOException {
    try {
      assertThat(box.get(MUCH, LONG)).isEqualTo(WORDS);
      return "got";
    } catch (Denied _) {
      return "refused";
    }
  }

  @Test
  void ofManyWhoPutAtOnceOneDoes() throws Exception {
    var cell = started(1, MUCH, LONG);
    var done =
        outcomes(
            16,
            () -> {
              try {
                holder(cell, 1).put(WORDS, LONG);
                return "put";
              } catch (Denied _) {
                return "refused";
              }
            });
    assertThat(done).filteredOn("put"::equals).hasSize(1);
    assertThat(owner(cell).get(MUCH, LONG)).isEqualTo(WORDS);
  }

  private static List<String> outcomes(int count, Callable<String> act) throws Exception {
    try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      var running = new ArrayList<Future<String>>();
      for (var i = 0; i < count; i++) {
        running.add(executor.submit(act));
      }
      var outcomes = new ArrayList<String>();
      for (var each : running) {
        outcomes.add(each.get());
      }
      return outcomes;
    }
  }
}
