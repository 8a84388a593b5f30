package dev.cloister.sandbox.host;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.TimeSource;
import dev.cloister.core.testing.RequiresProgram;
import dev.cloister.sandbox.runtime.CellApi;
import dev.cloister.sandbox.testing.InMemoryRuntime;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A client that comes back goes on where it was, byte for byte. */
final class DetachmentTest {
  private static final int DETACHMENTS = 1000;
  private static final int STREAM_BYTES = 3_000_000;
  private static final long SEED = 20_260_102;

  /** Sends its data in pieces of 0 to 2,046 bytes, as {@link #sendInPieces} does. */
  private static final String SENDER =
      """
      import cell
      data, at, state = cell.store.get("data"), 0, 1
      while at < len(data):
          state = state * 16807 % 2147483647
          cell.send(data[at:at + state % 2047])
          at += state % 2047
      """;

  @TempDir private Path directory;

  private static void sendInPieces(byte[] code, CellApi api) throws Exception {
    var data = api.get("data").orElseThrow();
    var state = 1L;
    for (var at = 0; at < data.length; at += (int) (state % 2047)) {
      state = state * 16807 % 2147483647;
      api.send(Arrays.copyOfRange(data, at, (int) Math.min(data.length, at + state % 2047)));
    }
  }

  private static String generous(String policy) {
    return policy.replaceAll("(diskBytes|bytesIn|bytesOut): [0-9]+", "$1: 10000000");
  }

  /** What a client has, who loses some of it and asks again. */
  private static final class Client {
    private final CellHost host;
    private final StartedCell cell;
    private final Random random = new Random(SEED);
    private final List<byte[]> messages = new ArrayList<>();
    private int acknowledged = -1;
    private Attachment attachment;

    Client(CellHost host, StartedCell cell) {
      this.host = host;
      this.cell = cell;
      this.attachment = host.attach(PythonWorld.shown(cell), -1);
    }

    private int last() {
      return messages.size() - 1;
    }

    /** Drops the attachment, and what it had not acknowledged, in part. */
    void reattach() {
      var kept = acknowledged + random.nextInt(last() - acknowledged + 1);
      messages.subList(kept + 1, messages.size()).clear();
      attachment = host.attach(PythonWorld.shown(cell), kept);
      acknowledged = kept;
    }

    void readSome() throws InterruptedException {
      for (var i = random.nextInt(10); i > 0; i--) {
        readOne();
      }
      if (random.nextBoolean()) {
        acknowledged += random.nextInt(last() - acknowledged + 1);
        attachment.acknowledge(acknowledged);
      }
    }

    void readOne() throws InterruptedException {
      var message = attachment.receive(PythonWorld.LONG).orElseThrow();
      assertThat(message.number()).isEqualTo(messages.size());
      messages.add(message.bytes());
    }

    byte[] readAll() throws InterruptedException {
      while (!attachment.isAtEnd()) {
        attachment.acknowledge(last());
        attachment.receive(PythonWorld.LONG).ifPresent(message -> messages.add(message.bytes()));
      }
      var all = new ByteArrayOutputStream();
      messages.forEach(all::writeBytes);
      return all.toByteArray();
    }
  }

  private static byte[] stream() {
    var stream = new byte[STREAM_BYTES];
    new Random(SEED).nextBytes(stream);
    return stream;
  }

  private static void resumes(CellHost host, StartedCell cell) throws Exception {
    var client = new Client(host, cell);
    for (var i = 0; i < DETACHMENTS; i++) {
      client.readSome();
      client.reattach();
    }
    assertThat(client.attachment.isAtEnd()).isFalse();
    assertThat(client.readAll()).as("with seed %d", SEED).isEqualTo(stream());
  }

  @Test
  void aThousandDetachmentsLoseAndRepeatNothing() throws Exception {
    var runtime = InMemoryRuntime.of(DetachmentTest::sendInPieces);
    try (var world = new World(directory.resolve("cells"), generous(World.POLICY), runtime)) {
      var cell = world.host.start(World.manifest());
      world.host.load(PythonWorld.shown(cell), World.CODE, stream());
      resumes(world.host, cell);
    }
  }

  @ParameterizedTest
  @EnumSource(RealRuntime.class)
  @RequiresProgram(
      value = {"python3", "bwrap", "ip", "nft"},
      root = true)
  void norDoTheyWithARealFunction(RealRuntime kind) throws Exception {
    var opened = kind.open();
    var policy = generous(PythonWorld.POLICY);
    try (var world = new PythonWorld(directory, policy, opened, TimeSource.system())) {
      var cell = world.host.start(PythonWorld.manifest(SENDER));
      world.host.load(PythonWorld.shown(cell), SENDER.getBytes(UTF_8), stream());
      var ticking = Thread.ofVirtual().start(() -> tick(world.host));
      try {
        resumes(world.host, cell);
      } finally {
        ticking.interrupt();
        ticking.join();
      }
    }
  }

  private static void tick(CellHost host) {
    try {
      while (true) {
        TimeUnit.NANOSECONDS.sleep(Math.clamp(host.tick(), 1, 5_000_000));
      }
    } catch (InterruptedException _) {
      // The test is over.
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
