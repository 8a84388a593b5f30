package dev.cloister.core.ledger;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.Ed25519;
import dev.cloister.core.ledger.HeartbeatVerifier.Word;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ten thousand seeded damages, of which none passes for the whole, and none throws. */
final class HeartbeatFuzzTest {
  private static final String BASE64 =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/= \r\n\"{}";

  @TempDir private Path directory;

  /** What was really checked: a signature costs a millisecond, and most lines are undamaged. */
  private final Map<String, Boolean> checked = new HashMap<>();

  private final HeartbeatVerifier verifier = HeartbeatVerifier.checkingWith(this::verifies);

  private boolean verifies(String key, byte[] message, byte[] signature) {
    var hex = HexFormat.of();
    return checked.computeIfAbsent(
        key + hex.formatHex(message) + "/" + hex.formatHex(signature),
        _ -> Ed25519.verifies(key, message, signature));
  }

  /** Short chains, of which less is checked and more is damaged. */
  private static Output shortChain(Event... events) {
    var chain = SignedChain.withOwnKey();
    chain.output("header\n");
    var heartbeats = Arrays.stream(events).map(e -> chain.output("line\n").next(e)).toList();
    var lines = new ArrayList<>(Collections.nCopies(events.length, "line"));
    lines.addFirst("header");
    return Output.of(heartbeats, lines, chain.publicKey());
  }

  private static byte[] mutated(byte[] original, Random random) {
    var bytes = original;
    for (var i = random.nextInt(3); i >= 0; i--) {
      bytes = mutatedOnce(bytes, random);
    }
    return bytes;
  }

  private static byte[] mutatedOnce(byte[] original, Random random) {
    if (original.length == 0) {
      return new byte[] {(byte) random.nextInt()};
    }
    // The end is where nothing that follows would show the damage.
    var at = random.nextInt(original.length);
    if (random.nextInt(3) == 0) {
      at = Math.max(0, original.length - 1 - random.nextInt(8));
    }
    var to = at + random.nextInt(Math.min(original.length - at, 400) + 1);
    var changed = original.clone();
    return switch (random.nextInt(10)) {
      case 0 -> flipped(changed, at, 1 << random.nextInt(8));
      case 1 -> flipped(changed, at, random.nextInt(255) + 1);
      case 2 -> replaced(original, at, at + 1, base64(random));
      case 3 -> replaced(original, at, at, base64(random));
      case 4 -> replaced(original, at, to, new byte[0]);
      case 5 -> replaced(original, at, at, Arrays.copyOfRange(original, at, to));
      case 6 -> Arrays.copyOf(original, at);
      case 7 -> replaced(original, original.length, original.length, base64(random));
      case 8 -> linesMoved(original, random);
      default -> replaced(original, 0, to, Arrays.copyOfRange(original, at, to));
    };
  }

  private static byte[] flipped(byte[] bytes, int at, int bits) {
    bytes[at] ^= (byte) bits;
    return bytes;
  }

  private static byte[] base64(Random random) {
    return new byte[] {(byte) BASE64.charAt(random.nextInt(BASE64.length()))};
  }

  private static byte[] replaced(byte[] bytes, int from, int to, byte[] by) {
    var out = new ByteArrayOutputStream();
    out.write(bytes, 0, from);
    out.writeBytes(by);
    out.write(bytes, to, bytes.length - to);
    return out.toByteArray();
  }

  private static byte[] linesMoved(byte[] bytes, Random random) {
    var lines = new ArrayList<>(new String(bytes, UTF_8).lines().toList());
    if (!lines.isEmpty()) {
      lines.add(random.nextInt(lines.size() + 1), lines.get(random.nextInt(lines.size())));
      if (random.nextBoolean()) {
        lines.remove(random.nextInt(lines.size()));
      }
    }
    return Output.text(lines).getBytes(UTF_8);
  }

  @Test
  void noDamageToEitherFileIsValidAndNoneThrows() throws IOException {
    assertThat(check(Output.ofAContext(), 500))
        .as("the damages are of every sort that needs no key")
        .contains(Word.UNCLOSED, Word.GAP, Word.REPLAY, Word.FORGED, Word.ALTERED);
    check(shortChain(Event.SEALED, Event.CLOSED), 1_500);
    check(shortChain(Event.CLOSED), 8_000);
  }

  private Set<Word> check(Output output, int mutations) throws IOException {
    var chain = Output.text(output.heartbeats).getBytes(UTF_8);
    var lines = Output.text(output.lines).getBytes(UTF_8);
    var chainFile = directory.resolve("heartbeats.jsonl");
    var linesFile = directory.resolve("trace.jsonl");
    var seen = EnumSet.noneOf(Word.class);
    var random = new Random(2026);
    for (var i = 0; i < mutations; i++) {
      var intoChain = random.nextBoolean();
      var damagedChain = intoChain ? mutated(chain, random) : chain;
      var damagedLines = intoChain ? lines : mutated(lines, random);
      Files.write(chainFile, damagedChain);
      Files.write(linesFile, damagedLines);
      var unchanged = Arrays.equals(chain, damagedChain) && Arrays.equals(lines, damagedLines);

      var verdict = verifier.verify(chainFile, linesFile);

      assertThat(verdict.word() == Word.VALID).as("mutation %d", i).isEqualTo(unchanged);
      seen.add(verdict.word());
    }
    return seen;
  }

  @Test
  void whateverTheHolderOfTheKeySignsIsAVerdict() throws IOException {
    var key = SignedChain.withOwnKey();
    var line = key.output("one\n").next(Event.SEALED);
    var payload = new SignedHeartbeat(line).parts().orElseThrow().payload;
    var random = new Random(7);
    var forged = 0;
    for (var i = 0; i < 500; i++) {
      var signed = i == 0 ? payload : mutated(payload, random);
      var chain = SignedHeartbeat.of(signed, key.sign(signed)).line() + "\n";
      var verdict = Output.verdict(directory, verifier, chain, "one\n");
      forged += verdict.word() == Word.FORGED ? 1 : 0;
      assertThat(verdict.word()).isNotEqualTo(Word.VALID);
    }
    assertThat(forged).isBetween(1, 499);
  }

  @Test
  void numbersThatNoContextCountsToEndAtTheEndOfTheOutput() throws IOException {
    var key = SignedChain.withOwnKey();
    var payload =
        new String(
            new SignedHeartbeat(key.next(Event.SEALED)).parts().orElseThrow().payload, UTF_8);
    for (var number :
        List.of(
            "9223372036854775807",
            "-9223372036854775808",
            "1e400",
            "0.5",
            "99999999999999999999")) {
      for (var name : List.of("\"first\":1", "\"last\":0", "\"sequence\":0", "\"lines\":1")) {
        var changed = payload.replace(name, name.substring(0, name.indexOf(':') + 1) + number);
        assertThat(changed).isNotEqualTo(payload);
        var bytes = changed.getBytes(UTF_8);
        var chain = SignedHeartbeat.of(bytes, key.sign(bytes)).line() + "\n";
        assertThat(Base64.getEncoder().encodeToString(bytes)).isSubstringOf(chain);
        var verdict = Output.verdict(directory, verifier, chain, "one\ntwo\n");
        assertThat(verdict.word()).isNotEqualTo(Word.VALID);
      }
    }
  }
}
