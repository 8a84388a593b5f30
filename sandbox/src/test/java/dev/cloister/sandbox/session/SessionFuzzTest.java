package dev.cloister.sandbox.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.token.Token;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Seeded hostile clients on a real socket, half of their frames good but for one change. {@code
 * -Dcloister.frames=N} are sent.
 */
final class SessionFuzzTest {
  private static final int FRAMES = Integer.getInteger("cloister.frames", 20_000);
  private static final int CHECKED_EACH = 10_000;
  private static final int CONVERSATION_MOST = 24;
  private static final List<Ask> ASKS = List.of(Ask.values());
  private static final long SEED = 20_260_104;

  /** What may still be there after rubbish was collected, beyond what was there at first. */
  private static final long HEAP_GROWTH_MOST = 48 << 20;

  @TempDir private Path directory;
  private int grammatical;
  private int noisy;

  @Test
  void noClientBreaksAServerOrHarmsAnother() throws IOException {
    var limits = ServerLimits.defaults().longestWait(Duration.ofSeconds(2));
    try (var node = new Node(directory.resolve("cells"), limits, Node::echo);
        var listener = new Listener(node.server);
        var honest = CellClient.over(_ -> listener.dial(), "here").open(node.running().grant())) {
      var heapAtFirst = heap();
      for (var round = 1; round <= Math.max(1, FRAMES / CHECKED_EACH); round++) {
        send(node, listener, Math.min(FRAMES, round * CHECKED_EACH));
        var message = ByteBuffer.allocate(Integer.BYTES).putInt(round).array();
        assertThat(honest.call(message, Node.LONG)).isEqualTo(message);
        assertThat(heap() - heapAtFirst).as("bytes grown").isLessThan(HEAP_GROWTH_MOST);
      }
      honest.detach();
      node.awaitQuiet();
      node.assertThatCountersAddUp();
      assertThat(
              EnumSet.range(SessionCounter.LEFT, SessionCounter.OVER).stream()
                  .filter(counter -> node.counted(counter) > 0))
          .contains(
              SessionCounter.LEFT,
              SessionCounter.NO_HELLO,
              SessionCounter.WRONG_VERSION,
              SessionCounter.TRUNCATED,
              SessionCounter.TOO_LONG,
              SessionCounter.MALFORMED,
              SessionCounter.UNKNOWN_TYPE,
              SessionCounter.OUT_OF_TURN,
              SessionCounter.ANSWERED,
              SessionCounter.DENIED)
          .doesNotContain(SessionCounter.LATE, SessionCounter.BUSY, SessionCounter.NOT_TAKEN);
    }
  }

  private static long heap() {
    System.gc();
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  /** Sends frames until so many were sent in all, about a function of their own. */
  private void send(Node node, Listener listener, int upTo) throws IOException {
    try (var victim = node.running()) {
      var token = Wire.token(victim);
      while (grammatical + noisy < upTo) {
        var seed = SEED + grammatical + noisy;
        var random = new Random(seed);
        try {
          talk(listener, grammatical <= noisy ? nearlyGood(token, random) : noise(random));
        } catch (IOException | RuntimeException e) {
          throw new AssertionError("with seed " + seed, e);
        }
      }
      victim.shutdown();
    }
  }

  /** Says all, and reads what comes until the server has closed. */
  private static void talk(Listener listener, byte[] said) throws IOException {
    try (var socket = new Socket()) {
      socket.connect((InetSocketAddress) listener.address());
      socket.setSoTimeout((int) Node.LONG.toMillis());
      try {
        socket.getOutputStream().write(said);
        socket.shutdownOutput();
        var _ = socket.getInputStream().readAllBytes();
      } catch (SocketTimeoutException e) {
        throw e;
      } catch (IOException _) {
        // The server had enough before all was said.
      }
    }
  }

  private byte[] nearlyGood(byte[] token, Random random) {
    var wire = Wire.hello();
    for (var left = 1 + random.nextInt(CONVERSATION_MOST); left > 0; left--) {
      var ask = ASKS.get(random.nextInt(ASKS.size()));
      var shown = random.nextInt(4) == 0 || ask == Ask.END_INPUT ? random(random) : token;
      var fields = Wire.fields(ask, shown, Node.manifest());
      var frame = Wire.bytes(fields.frame(ask.type));
      wire.raw(random.nextInt(3) == 0 ? changed(frame, random) : frame);
      grammatical++;
    }
    return wire.bytes();
  }

  private static byte[] random(Random random) {
    return bytes(random, Token.BYTES);
  }

  /** A bit, a cut with and without its length, more than belongs there, another number. */
  private static byte[] changed(byte[] frame, Random random) {
    var at = random.nextInt(Math.min(frame.length, 200));
    var changed = frame.clone();
    switch (random.nextInt(5)) {
      case 0 -> changed[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> changed = Arrays.copyOf(frame, at);
      case 2 -> changed = Arrays.copyOf(frame, frame.length + 1 + random.nextInt(20));
      case 3 -> changed = Arrays.copyOf(frame, Math.max(Frames.HEAD_BYTES, at));
      default -> ByteBuffer.wrap(changed).putInt(Math.min(at, frame.length - 4), random.nextInt());
    }
    if (random.nextBoolean() && changed.length >= Frames.HEAD_BYTES) {
      ByteBuffer.wrap(changed).putInt(0, changed.length - Integer.BYTES);
    }
    return changed;
  }

  /** Frames of any type and body, of lengths that are sometimes true; or no frames at all. */
  private byte[] noise(Random random) {
    var wire = random.nextInt(4) == 0 ? new Wire() : Wire.hello();
    for (var left = 1 + random.nextInt(3); left > 0; left--) {
      var body = new Body().bytes(bytes(random, random.nextInt(300)));
      switch (random.nextInt(4)) {
        case 0 -> wire.raw(bytes(random, random.nextInt(100)));
        case 1 -> wire.frame(Greeting.HELLO, new Body().bytes(otherHello(random)));
        default -> wire.frame(random.nextInt(256), body);
      }
      noisy++;
    }
    return wire.bytes();
  }

  private static byte[] otherHello(Random random) {
    var hello = Wire.hello().bytes();
    hello[hello.length - 1 - random.nextInt(8)] ^= (byte) (1 << random.nextInt(8));
    return Arrays.copyOfRange(hello, Frames.HEAD_BYTES, hello.length);
  }

  private static byte[] bytes(Random random, int count) {
    var bytes = new byte[count];
    random.nextBytes(bytes);
    return bytes;
  }
}
