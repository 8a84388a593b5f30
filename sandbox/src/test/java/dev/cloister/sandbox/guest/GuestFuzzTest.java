package dev.cloister.sandbox.guest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.testing.FakeTime;
import dev.cloister.sandbox.guest.GuestEnd.Broken;
import dev.cloister.sandbox.guest.GuestEnd.Exited;
import dev.cloister.sandbox.guest.GuestEnd.Raised;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Seeded hostile guests; that no buffer is larger than twice what came, the stream asserts. */
final class GuestFuzzTest {
  private static final int GUESTS = 20_000;
  private static final long SEED = 20260304;

  private static final String[] BODIES = {
    "\0\0\0\1",
    "",
    "message",
    "name",
    "\0\4namevalue",
    "name",
    "",
    "\0\0\1\0",
    "",
    "\0\1u\0\1m\0\1\0\1a\0\1bbody",
    "\0\5grantmessage",
    "GETINFO version",
    "\3"
  };

  private final Map<Breach, Integer> broken = new EnumMap<>(Breach.class);
  private int ended;

  @Test
  void everyHostileGuestEndsWithOneCause() throws InterruptedException {
    for (var guest = 0; guest < GUESTS; guest++) {
      var random = new Random(SEED + guest);
      var sent = guest % 2 == 0 ? mutated(conversation(random), random) : noise(random);
      count(serve(sent), SEED + guest);
    }
    assertThat(broken)
        .containsOnlyKeys(
            Breach.WRONG_VERSION,
            Breach.CLOSED,
            Breach.TRUNCATED,
            Breach.TOO_LONG,
            Breach.UNKNOWN_TYPE,
            Breach.MALFORMED,
            Breach.OUT_OF_TURN);
    assertThat(ended).as("guests that came to an end all the same").isPositive();
  }

  private static GuestEnd serve(byte[] sent) throws InterruptedException {
    var api = new ScriptedApi();
    api.toFunction.add(new byte[1]);
    api.waits = false;
    var stream = new GuestChannelTest.Watched(sent, 1 << 12);
    var channel = new GuestChannel(stream, new ByteArrayOutputStream(), 1 << 16);
    channel.awaitHello(Duration.ZERO, () -> false, FakeTime.startingAt(ScriptedApi.NOW));
    channel.load(new byte[1]);
    return channel.serve(api);
  }

  private void count(GuestEnd end, long seed) {
    switch (end) {
      case Broken(var cause) -> broken.merge(cause, 1, Integer::sum);
      case Exited _, Raised _ -> ended++;
      default -> throw new AssertionError("seed " + seed + ": " + end);
    }
  }

  /** What a guest may say, and an end. */
  private static Frames conversation(Random random) {
    var frames = new Frames().hello();
    for (var turn = random.nextInt(8); turn > 0; turn--) {
      var request = random.nextInt(BODIES.length - 1);
      frames.next(0x10 + request, BODIES[request]);
    }
    return random.nextBoolean() ? frames.next(0x20, "\0") : frames.next(0x21, "Error: text");
  }

  /** Up to three changes: a byte, a cut, bytes put in, bytes twice. */
  private static byte[] mutated(Frames frames, Random random) {
    var text = frames.bytes();
    for (var change = random.nextInt(4); change > 0 && text.length > 0; change--) {
      var at = random.nextInt(text.length);
      switch (random.nextInt(4)) {
        case 0 -> text[at] = (byte) random.nextInt(256);
        case 1 -> text = Arrays.copyOf(text, at);
        case 2 -> text = joined(text, at, bytes(random, random.nextInt(20)), at);
        default -> text = joined(text, at, new byte[0], random.nextInt(at + 1));
      }
    }
    return text;
  }

  private static byte[] joined(byte[] text, int end, byte[] middle, int from) {
    var out = new ByteArrayOutputStream();
    out.write(text, 0, end);
    out.writeBytes(middle);
    out.write(text, from, text.length - from);
    return out.toByteArray();
  }

  /** Frames in turn with any type and body, of lengths that are sometimes true. */
  private static byte[] noise(Random random) {
    var frames = random.nextInt(10) == 0 ? new Frames() : new Frames().hello();
    for (var turn = random.nextInt(6); turn >= 0; turn--) {
      switch (random.nextInt(4)) {
        case 0 -> frames.raw(random.nextInt());
        case 1 -> frames.raw(random.nextInt(1 << 17));
        default -> frames.next(random.nextInt(256), bytes(random, random.nextInt(300)));
      }
    }
    return frames.bytes();
  }

  private static byte[] bytes(Random random, int count) {
    var bytes = new byte[count];
    random.nextBytes(bytes);
    return bytes;
  }
}
