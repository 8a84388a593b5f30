package dev.cloister.sandbox.fuse;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a session answers, frame by frame, to a kernel that may ask anything. */
final class SessionTest {
  private static final FuseLimits SMALL = new FuseLimits(6, 3, 10);

  private FileSystem memory;
  private Path root;
  private Frames kernel;

  @BeforeEach
  void begin() throws IOException {
    memory = Jimfs.newFileSystem(Configuration.unix());
    root = Files.createDirectory(memory.getPath("/root"));
    kernel = new Frames(root, SMALL);
  }

  @AfterEach
  void end() throws IOException {
    kernel.session.close();
    memory.close();
  }

  private long count(FuseCounter counter) {
    return kernel.session.counts().getOrDefault(counter, -1L);
  }

  @Test
  void theOlderVersionIsSpokenAndNothingIsAgreedToThatIsNotKnown() {
    Frames.done(kernel.ask(Opcode.INIT, 0, 7, 45, 131072, -1, -1, new byte[44]));
    var answer = kernel.body();
    assertThat(answer.remaining()).isEqualTo(64);
    assertThat(answer.getInt(0)).isEqualTo(7);
    assertThat(answer.getInt(4)).isEqualTo(31);
    assertThat(answer.getInt(8)).isEqualTo(131072);
    // ASYNC_READ, ATOMIC_O_TRUNC, BIG_WRITES, AUTO_INVAL_DATA, PARALLEL_DIROPS, MAX_PAGES.
    assertThat(answer.getInt(12)).isEqualTo(0x441029);
    assertThat(answer.getInt(20)).isEqualTo(1 << 20);
    assertThat(answer.getInt(32)).isZero();
  }

  @Test
  void aLaterMajorVersionIsToldOurs() {
    Frames.done(kernel.ask(Opcode.INIT, 0, 8, 1));
    assertThat(kernel.body().getInt(0)).isEqualTo(7);
    assertThat(kernel.body().getInt(12)).isZero();
  }

  @ParameterizedTest
  @MethodSource
  void aVersionBeforeOursIsRefused(int major, int minor) {
    assertThat(kernel.ask(Opcode.INIT, 0, major, minor, 0, 0)).isEqualTo(71);
  }

  static Stream<Arguments> aVersionBeforeOursIsRefused() {
    return Stream.of(Arguments.of(6, 99), Arguments.of(7, 22));
  }

  @Test
  void anAnswerBearsTheNumberOfItsRequest() {
    assertThat(kernel.ask(Frames.frame(1, 0x1234567890L, 1, "x"))).isEqualTo(2);
    assertThat(kernel.uniqueOfAnswer()).isEqualTo(0x1234567890L);
  }

  @ParameterizedTest
  @MethodSource
  void aRequestThatCannotBeIsRefused(int errno, int opcode, Object[] body) throws IOException {
    Files.writeString(root.resolve("file"), "content");
    Files.createDirectory(root.resolve("directory"));
    assertThat(kernel.ask(Frames.frame(opcode, 1, Frames.ROOT, body))).isEqualTo(errno);
    assertThat(count(FuseCounter.FAILED)).isZero();
  }

  private static Arguments refused(int errno, int opcode, Object... body) {
    return Arguments.of(errno, opcode, body);
  }

  static Stream<Arguments> aRequestThatCannotBeIsRefused() {
    var names =
        Stream.of(
            refused(22, 1, "."),
            refused(22, 1, ".."),
            refused(22, 1, ""),
            refused(22, 1, "a/b"),
            refused(22, 1, "/"),
            refused(36, 1, "x".repeat(256)),
            refused(84, 1, new byte[] {(byte) 0xff, 0}),
            refused(84, 1, new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80, 0}),
            refused(22, 1, new byte[] {'a', 'b'}),
            refused(22, 1),
            refused(2, 1, "missing"));
    var others =
        Stream.of(
            refused(22, 9, 0755, 0, ".."),
            refused(17, 9, 0755, 0, "file"),
            refused(1, 8, 0010644, 0, 0, 0, "pipe"),
            refused(1, 8, 0060644, 0, 0, 0, "disk"),
            refused(1, 13, 2L, "second"),
            refused(21, 10, "directory"),
            refused(20, 11, "file"),
            refused(22, 45, 1L, 2, 0, "file", "directory"),
            refused(17, 45, 1L, 1, 0, "file", "directory"),
            refused(21, 12, 1L, "file", "directory"),
            refused(20, 12, 1L, "directory", "file"),
            refused(116, 12, 77L, "file", "file"),
            refused(22, 6, "link"),
            refused(2, 6, "link", ""),
            refused(21, 14, 0, 0),
            refused(9, 15, 5L, 0L, 10, 0, 0L, 0, 0),
            refused(9, 16, 5L, 0L, 1, 0, 0L, 0, 0, new byte[1]),
            refused(9, 18, 5L, 0, 0, 0L),
            refused(9, 28, 5L, 0L, 10, 0, 0L, 0, 0),
            refused(9, 20, 5L, 0, 0),
            refused(21, 4, 1 << 3, 0, 0L, 5L, new byte[72]),
            refused(22, 4, 1 << 4, 0, 0L, 0L, 0L, Long.MAX_VALUE, new byte[48]),
            refused(25, 39, 0L, 0, 0, 0L, 0, 0),
            refused(38, 21, 1, 0, "user.x", new byte[1]),
            refused(38, 22, 1, 0, "user.x"),
            refused(38, 25, 0L, 0, 0, 0L),
            refused(38, 43, 0L, 0L, 0L, 0, 0),
            refused(38, 46, 0L, 0L, 0, 0),
            refused(38, 63),
            refused(38, 0),
            refused(38, -1),
            refused(38, Integer.MAX_VALUE));
    return Stream.concat(names, others);
  }

  @Test
  void aNumberThatTheKernelForgotIsStale() throws IOException {
    Files.writeString(root.resolve("file"), "content");
    var node = kernel.lookup(Frames.ROOT, "file");
    Frames.done(kernel.ask(Opcode.GETATTR, node, 0, 0, 0L));
    assertThat(kernel.ask(Opcode.FORGET, node, 1L)).isEqualTo(-1);
    assertThat(kernel.ask(Opcode.GETATTR, node, 0, 0, 0L)).isEqualTo(116);
    assertThat(kernel.lookup(Frames.ROOT, "file")).isNotEqualTo(node);
  }

  @Test
  void theKernelKnowsNoMoreFilesThanTheLimit() throws IOException {
    for (var i = 0; i < 8; i++) {
      Files.createFile(root.resolve("file" + i));
    }
    var known = new ArrayList<Long>();
    for (var i = 0; i < 5; i++) {
      known.add(kernel.lookup(Frames.ROOT, "file" + i));
    }
    assertThat(kernel.ask(Opcode.LOOKUP, 1, "file5")).isEqualTo(23);
    assertThat(kernel.ask(Opcode.MKDIR, 1, 0755, 0, "directory")).isEqualTo(23);
    assertThat(root.resolve("directory")).doesNotExist();
    assertThat(count(FuseCounter.FULL)).isEqualTo(2);
    assertThat(kernel.lookup(Frames.ROOT, "file4")).isEqualTo(known.get(4));
    var forgotten = kernel.ask(Opcode.BATCH_FORGET, 0, 2, 0, known.get(0), 1L, known.get(1), 9L);
    assertThat(forgotten).isEqualTo(-1);
    assertThat(kernel.lookup(Frames.ROOT, "file5")).isPositive();
    assertThat(kernel.lookup(Frames.ROOT, "file6")).isPositive();
  }

  @Test
  void noMoreFilesAreOpenThanTheLimit() throws IOException {
    Files.createFile(root.resolve("file"));
    var node = kernel.lookup(Frames.ROOT, "file");
    for (var i = 0; i < 3; i++) {
      Frames.done(kernel.ask(Opcode.OPEN, node, 0, 0));
    }
    assertThat(kernel.ask(Opcode.OPEN, node, 0, 0)).isEqualTo(23);
    assertThat(kernel.ask(Opcode.OPENDIR, 1, 0, 0)).isEqualTo(23);
    assertThat(kernel.ask(Opcode.CREATE, 1, 2, 0100644, 0, 0, "new")).isEqualTo(23);
    assertThat(root.resolve("new")).doesNotExist();
    Frames.done(kernel.ask(Opcode.RELEASE, node, 2L, 0, 0, 0L));
    Frames.done(kernel.ask(Opcode.OPEN, node, 0, 0));
  }

  @Test
  void noMoreNamesAreListedAtOnceThanTheLimit() throws IOException {
    for (var i = 0; i < 6; i++) {
      Files.createFile(root.resolve("file" + i));
    }
    Frames.done(kernel.ask(Opcode.OPENDIR, 1, 0, 0));
    var first = kernel.body().getLong(0);
    Frames.done(kernel.ask(Opcode.OPENDIR, 1, 0, 0));
    var second = kernel.body().getLong(0);
    Frames.done(kernel.ask(Opcode.READDIR, 1, first, 0L, 4096, 0, 0L, 0, 0));
    assertThat(kernel.ask(Opcode.READDIR, 1, second, 0L, 4096, 0, 0L, 0, 0)).isEqualTo(23);
    Frames.done(kernel.ask(Opcode.RELEASEDIR, 1, first, 0, 0, 0L));
    Frames.done(kernel.ask(Opcode.READDIR, 1, second, 0L, 4096, 0, 0L, 0, 0));
  }

  @Test
  void aListingGoesOnWhereTheLastAnswerWasFull() throws IOException {
    for (var i = 0; i < 5; i++) {
      Files.createFile(root.resolve("file" + i));
    }
    Frames.done(kernel.ask(Opcode.OPENDIR, 1, 0, 0));
    var handle = kernel.body().getLong(0);
    var names = new ArrayList<String>();
    for (var offset = 0L; ; ) {
      Frames.done(kernel.ask(Opcode.READDIR, 1, handle, offset, 70, 0, 0L, 0, 0));
      var listed = kernel.body();
      if (!listed.hasRemaining()) {
        break;
      }
      while (listed.hasRemaining()) {
        var _ = listed.getLong();
        offset = listed.getLong();
        var name = new byte[listed.getInt()];
        var _ = listed.getInt();
        listed.get(name).position(Math.ceilDiv(listed.position(), 8) * 8);
        names.add(new String(name, UTF_8));
      }
    }
    assertThat(names).hasSize(7).contains(".", "..", "file0", "file4").doesNotHaveDuplicates();
  }

  @Test
  void aDirectoryThatMovedIsNotFoundBehindALinkInItsPlace() throws IOException {
    Files.writeString(Files.createDirectory(root.resolve("inner")).resolve("file"), "mine");
    var outside = Files.createDirectory(memory.getPath("/outside"));
    Files.writeString(outside.resolve("secret"), "not the guest's");
    var inner = kernel.lookup(Frames.ROOT, "inner");
    Frames.done(kernel.ask(Opcode.RENAME, 1, 1L, "inner", "moved"));
    Frames.done(kernel.ask(Opcode.SYMLINK, 1, "inner", "/outside"));
    assertThat(kernel.ask(Opcode.LOOKUP, inner, "secret")).isEqualTo(2);
    var link = kernel.lookup(Frames.ROOT, "inner");
    assertThat(kernel.ask(Opcode.LOOKUP, link, "secret")).isEqualTo(20);
    assertThat(kernel.ask(Opcode.OPEN, link, 0, 0)).isEqualTo(40);
    assertThat(kernel.ask(Opcode.CREATE, 1, 2, 0100644, 0, 0, "inner")).isEqualTo(40);
    assertThat(kernel.lookup(inner, "file")).isPositive();
  }

  @Test
  void aFileThatSomebodyReplacedByALinkIsNotFollowed() throws IOException {
    var file = Files.createFile(root.resolve("file"));
    var secret = Files.writeString(memory.getPath("/secret"), "not the guest's");
    var node = kernel.lookup(Frames.ROOT, "file");
    Files.delete(file);
    Files.createSymbolicLink(file, secret);
    assertThat(kernel.ask(Opcode.OPEN, node, 1 | 01000, 0)).isNotZero();
    assertThat(kernel.ask(Opcode.SETATTR, node, 1 << 3, 0, 0L, 0L, new byte[56])).isNotZero();
    assertThat(secret).content().isEqualTo("not the guest's");
  }

  @Test
  void whatTheRootThrowsBecomesAnErrorAndACount() throws IOException {
    var handle = kernel.create(Frames.ROOT, "file");
    memory.close();
    assertThat(kernel.ask(Opcode.LOOKUP, 1, "file")).isEqualTo(5);
    assertThat(kernel.ask(Opcode.READ, 2, handle, 0L, 10, 0, 0L, 0, 0)).isEqualTo(9);
    assertThat(count(FuseCounter.FAILED)).isEqualTo(1);
  }

  @Test
  void aWriteWhoseLengthIsALieWritesNothing() throws IOException {
    var handle = kernel.create(Frames.ROOT, "file");
    for (var size : List.of(3, 5, -1, Integer.MAX_VALUE)) {
      assertThat(kernel.ask(Opcode.WRITE, 2, handle, 0L, size, 0, 0L, 0, 0, new byte[4]))
          .isEqualTo(22);
    }
    assertThat(kernel.ask(Opcode.WRITE, 2, handle, -1L, 4, 0, 0L, 0, 0, new byte[4])).isEqualTo(22);
    assertThat(kernel.ask(Opcode.READ, 2, handle, 0L, 1 << 21, 0, 0L, 0, 0)).isEqualTo(22);
    assertThat(kernel.ask(Opcode.READ, 2, handle, -1L, 1, 0, 0L, 0, 0)).isEqualTo(22);
    assertThat(Files.size(root.resolve("file"))).isZero();
  }

  @Test
  void aFrameThatEndsEarlyIsRefusedWhereverItIsCut() throws IOException {
    Files.createFile(root.resolve("file"));
    for (var whole : everyKind()) {
      for (var length = 0; length < whole.limit(); length++) {
        var cut = ByteBuffer.allocateDirect(length).order(whole.order());
        cut.put(whole.duplicate().limit(length)).flip();
        if (length >= 4) {
          cut.putInt(0, length);
        }
        assertThat(kernel.ask(cut)).as("opcode %d, %d bytes", whole.getInt(4), length).isNotZero();
      }
    }
    assertThat(root).isDirectoryNotContaining(path -> !path.endsWith("file"));
    assertThat(count(FuseCounter.FAILED)).isZero();
  }

  private static List<ByteBuffer> everyKind() {
    var header = new byte[80];
    return List.of(
        Frames.frame(1, 1, 1, "file"),
        Frames.frame(3, 1, 1, 0, 0, 0L),
        Frames.frame(4, 1, 1, 1, 0, 0L, 0L, new byte[44], 0644, 0, 0, 0),
        Frames.frame(6, 1, 1, "link", "target"),
        Frames.frame(8, 1, 1, 0100644, 0, 0, 0, "made"),
        Frames.frame(9, 1, 1, 0755, 0, "directory"),
        Frames.frame(10, 1, 1, "file"),
        Frames.frame(12, 1, 1, 1L, "file", "new"),
        Frames.frame(16, 1, 1, 1L, 0L, header.length, 0, 0L, 0, 0, header),
        Frames.frame(26, 1, 0, 7, 31, 0, 0),
        Frames.frame(35, 1, 1, 2, 0100644, 0, 0, "created"),
        Frames.frame(45, 1, 1, 1L, 0, 0, "file", "new"));
  }

  @Test
  void noFrameEverThrowsOrMakesAnAnswerThatIsNone() throws IOException {
    var seed = 20261122L;
    var random = new Random(seed);
    Files.createFile(root.resolve("a"));
    for (var round = 0; round < 100_000; round++) {
      var body = new byte[random.nextInt(120)];
      random.nextBytes(body);
      for (var i = 0; i < body.length; i++) {
        // Mostly small numbers, and names that are there.
        body[i] = random.nextInt(4) > 0 ? (byte) random.nextInt(2) : body[i];
        body[i] = random.nextInt(9) == 0 ? (byte) 'a' : body[i];
      }
      var opcode = random.nextInt(56);
      var errno = kernel.ask(Frames.frame(opcode, round, random.nextInt(5), body));
      assertThat(errno).as("seed %d, round %d", seed, round).isBetween(-1, 511);
    }
    assertThat(count(FuseCounter.REQUESTS)).isEqualTo(100_000);
    assertThat(count(FuseCounter.MALFORMED)).isPositive();
  }
}
