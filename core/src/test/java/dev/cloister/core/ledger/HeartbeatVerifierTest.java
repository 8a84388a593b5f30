package dev.cloister.core.ledger;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.cloister.core.Description;
import dev.cloister.core.ledger.HeartbeatVerifier.Verdict;
import dev.cloister.core.ledger.HeartbeatVerifier.Word;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each word is earned by making that very damage to what a context really left. */
final class HeartbeatVerifierTest {
  private static final HeartbeatVerifier TRUSTING = HeartbeatVerifier.trustingTheFirst();

  @TempDir private Path directory;
  private Output output = Output.of(List.of(), List.of(), "");

  @BeforeEach
  void aContextLives() throws IOException {
    output = Output.ofAContext();
    assertThat(output.heartbeats).hasSize(6);
    assertThat(output.lines).hasSize(7);
  }

  private void finds(Word word, String badLine, String why) throws IOException {
    assertThat(output.verdict(directory)).isEqualTo(new Verdict(word, badLine, why));
  }

  private void finds(HeartbeatVerifier verifier, Word word, String badLine) throws IOException {
    var verdict = output.verdict(directory, verifier);
    assertThat(verdict.word()).as(verdict.toString()).isEqualTo(word);
    assertThat(verdict.badLine()).as(verdict.toString()).isEqualTo(badLine);
  }

  private void finds(Word word, String badLine) throws IOException {
    finds(TRUSTING, word, badLine);
  }

  private static String head(String line) {
    return Description.sha256Hex(line.getBytes(UTF_8));
  }

  // valid

  @Test
  void whatAContextLeftIsValid() throws IOException {
    finds(Word.VALID, "", "");
    finds(TRUSTING.expectingKey(output.publicKey), Word.VALID, "");
    finds(TRUSTING.expectingKey(output.publicKey.toUpperCase(Locale.ROOT)), Word.VALID, "");
  }

  @Test
  void aHeadThatIsInTheChainIsFoundWithAndWithoutItsLineFeed() throws IOException {
    for (var number = 0; number < 6; number++) {
      var line = output.heartbeats.get(number);
      finds(TRUSTING.expectingHead(number, head(line)), Word.VALID, "");
      finds(TRUSTING.expectingHead(number, head(line + "\n")), Word.VALID, "");
    }
  }

  @Test
  void aContextWithoutOutputIsValid() throws IOException {
    var context = SignedChain.withOwnKey();
    output =
        Output.of(
            List.of(context.next(Event.SEALED), context.next(Event.CLOSED)),
            List.of(),
            context.publicKey());
    finds(Word.VALID, "", "");
  }

  // unclosed

  @Test
  void aChainWithoutItsLastHeartbeatIsUnclosed() throws IOException {
    output.heartbeats.removeLast();
    finds(Word.UNCLOSED, "heartbeats.jsonl:6", "the last heartbeat is missing");
  }

  @Test
  void aChainWhoseLastHeartbeatIsTornIsUnclosed() throws IOException {
    var whole = Output.text(output.heartbeats);
    for (var missing : new int[] {1, 2, 100}) {
      var torn = whole.substring(0, whole.length() - missing);
      assertThat(Output.verdict(directory, TRUSTING, torn, Output.text(output.lines)))
          .isEqualTo(
              new Verdict(Word.UNCLOSED, "heartbeats.jsonl:6", "the last heartbeat is missing"));
    }
  }

  @Test
  void linesThatNoHeartbeatBindsYetAreNamed() throws IOException {
    output.heartbeats.subList(3, 6).clear();
    finds(Word.UNCLOSED, "trace.jsonl:4", "no heartbeat binds this line");
  }

  @Test
  void withoutAnyHeartbeatNothingIsClosed() throws IOException {
    output.heartbeats.clear();
    finds(Word.UNCLOSED, "trace.jsonl:1", "no heartbeat binds this line");
    output.lines.clear();
    finds(Word.UNCLOSED, "heartbeats.jsonl:1", "the last heartbeat is missing");
  }

  // gap

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void aHeartbeatThatWasTakenOutLeavesAGap(int number) throws IOException {
    output.heartbeats.remove(number);
    finds(
        Word.GAP,
        "heartbeats.jsonl:" + (number + 1),
        "heartbeat %d stands where %d should".formatted(number + 1, number));
  }

  @Test
  void aChainThatBeginsLaterHasAGap() throws IOException {
    output.heartbeats.removeFirst();
    finds(Word.GAP, "heartbeats.jsonl:1", "the chain begins with heartbeat 1");
    finds(TRUSTING.expectingKey(output.publicKey), Word.GAP, "heartbeats.jsonl:1");
  }

  // replay

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4})
  void aHeartbeatThatStandsTwiceIsAReplay(int number) throws IOException {
    output.heartbeats.add(number + 1, output.heartbeats.get(number));
    finds(
        Word.REPLAY,
        "heartbeats.jsonl:" + (number + 2),
        "heartbeat %d stands where %d should".formatted(number, number + 1));
  }

  @Test
  void anOldHeartbeatAfterTheEndIsAReplay() throws IOException {
    output.heartbeats.add(output.heartbeats.get(2));
    finds(Word.REPLAY, "heartbeats.jsonl:7");
  }

  @Test
  void aHeartbeatThatWasSignedAfterTheEndIsAReplay() throws IOException {
    var context = SignedChain.withOwnKey();
    output =
        Output.of(
            List.of(
                context.next(Event.SEALED), context.next(Event.CLOSED), context.next(Event.ALIVE)),
            List.of(),
            context.publicKey());
    finds(Word.REPLAY, "heartbeats.jsonl:3", "it came after the last");
  }

  // rollback

  @Test
  void aChainThatEndsBeforeTheKeptHeadWasRolledBack() throws IOException {
    var kept = TRUSTING.expectingHead(4, head(output.heartbeats.get(4)));
    output.heartbeats.subList(3, 6).clear();
    output.lines.subList(3, 7).clear();
    finds(kept, Word.ROLLBACK, "heartbeats.jsonl:4");
  }

  @Test
  void nothingAtAllIsARollbackForWhoKeptAHead() throws IOException {
    var kept = TRUSTING.expectingHead(0, head(output.heartbeats.getFirst()));
    output.heartbeats.clear();
    output.lines.clear();
    finds(kept, Word.ROLLBACK, "heartbeats.jsonl:1");
  }

  @Test
  void anotherHistoryOfTheSameKeyIsARollbackForWhoKeptAHead() throws IOException {
    var first = SignedChain.withOwnKey();
    var second = first.again();
    var begin = first.next(Event.SEALED);
    second.next(Event.SEALED);
    var kept = first.output("one\n").next(Event.ALIVE);
    output =
        Output.of(
            List.of(begin, second.output("ONE\n").next(Event.ALIVE), second.next(Event.CLOSED)),
            List.of("ONE"),
            first.publicKey());
    finds(Word.VALID, "", "");
    finds(TRUSTING.expectingHead(1, head(kept)), Word.ROLLBACK, "heartbeats.jsonl:2");
  }

  @Test
  void twoHistoriesOfOneKeyDoNotFitTogether() throws IOException {
    var first = SignedChain.withOwnKey();
    var second = first.again();
    var begin = List.of(first.next(Event.SEALED), first.output("one\n").next(Event.ALIVE));
    second.next(Event.SEALED);
    second.output("ONE\n").next(Event.ALIVE);
    output =
        Output.of(
            List.of(begin.get(0), begin.get(1), second.next(Event.CLOSED)),
            List.of("one"),
            first.publicKey());
    finds(
        Word.ROLLBACK, "heartbeats.jsonl:3", "it follows another heartbeat than the one before it");
  }

  // restart

  @Test
  void anotherLifeThatFollowsIsARestart() throws IOException {
    var next = Output.ofAContext();
    output.heartbeats.addAll(next.heartbeats);
    output.lines.addAll(next.lines);
    finds(Word.RESTART, "heartbeats.jsonl:7", "another key signed it: " + next.publicKey);
  }

  @Test
  void anotherLifeInTheMiddleIsARestart() throws IOException {
    output.heartbeats.set(2, Output.ofAContext().heartbeats.getFirst());
    finds(Word.RESTART, "heartbeats.jsonl:3");
  }

  @Test
  void anOutputThatWasReplacedWholeIsARestartForWhoKeptTheKey() throws IOException {
    var kept = TRUSTING.expectingKey(output.publicKey);
    output = Output.ofAContext();
    finds(Word.VALID, "", "");
    finds(kept, Word.RESTART, "heartbeats.jsonl:1");
  }

  // forged

  @Test
  void aPayloadThatTheKeyDidNotSignIsForged() throws IOException {
    var line = output.heartbeats.get(3);
    var payload = line.substring("{\"payload\":\"".length(), line.indexOf("\",\"signature\""));
    var said = new String(Base64.getDecoder().decode(payload), UTF_8);
    var changed = said.replace("\"event\":\"alive\"", "\"event\":\"ALIVE\"");
    assertThat(changed).isNotEqualTo(said);
    output.heartbeats.set(
        3, line.replace(payload, Base64.getEncoder().encodeToString(changed.getBytes(UTF_8))));
    finds(Word.FORGED, "heartbeats.jsonl:4", "the signature does not verify");
  }

  @Test
  void aSignatureOfAnotherHeartbeatIsForged() throws IOException {
    var parts = output.heartbeats.get(2).split("\"signature\"", -1);
    output.heartbeats.set(
        2, parts[0] + "\"signature\"" + output.heartbeats.get(3).split("\"signature\"", -1)[1]);
    finds(Word.FORGED, "heartbeats.jsonl:3");
  }

  @Test
  void aHeartbeatOfAnotherContextThatDoesNotNameItsKeyIsForged() throws IOException {
    output.heartbeats.set(2, Output.ofAContext().heartbeats.get(2));
    finds(Word.FORGED, "heartbeats.jsonl:3");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "x", "{}", "[]", "null", "\"\"", "{\"payload\":\"\",\"signature\":\"\"}"})
  void aLineThatIsNoHeartbeatIsForged(String line) throws IOException {
    output.heartbeats.add(3, line);
    finds(Word.FORGED, "heartbeats.jsonl:4", "not a heartbeat");
  }

  @Test
  void aLineLongerThanAnyHeartbeatIsForged() throws IOException {
    output.heartbeats.set(
        5, output.heartbeats.get(5) + " ".repeat(HeartbeatVerifier.LINE_BYTES_MAX) + "x");
    finds(Word.FORGED, "heartbeats.jsonl:6");
  }

  @Test
  void theSameHeartbeatWrittenOtherwiseIsForged() throws IOException {
    var last = output.heartbeats.getLast();
    for (var otherwise :
        List.of(
            last + "\r",
            " " + last,
            last.replace("\",\"signature\"", "\", \"signature\""),
            last.replace("{", "{\"more\":1,"),
            last.replace("\"payload\"", "\"p\\u0061yload\""),
            last.replaceFirst("A==\"}$|Q==\"}$|g==\"}$|w==\"}$", "B==\"}"))) {
      assertThat(otherwise).isNotEqualTo(last);
      output.heartbeats.set(5, otherwise);
      finds(Word.FORGED, "heartbeats.jsonl:6");
    }
  }

  @Test
  void bytesAfterTheEndAreForgedWithAndWithoutALineFeed() throws IOException {
    for (var after : List.of("x", "x\n", "\n", output.heartbeats.getFirst())) {
      var verdict =
          Output.verdict(
              directory,
              TRUSTING,
              Output.text(output.heartbeats) + after,
              Output.text(output.lines));
      assertThat(verdict.word()).isEqualTo(Word.FORGED);
      assertThat(verdict.badLine()).isEqualTo("heartbeats.jsonl:7");
    }
  }

  // altered

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6})
  void aLineThatWasChangedIsAltered(int number) throws IOException {
    output.lines.set(number, output.lines.get(number) + " ");
    var first = List.of(1, 2, 2, 4, 5, 5, 5).get(number);
    finds(Word.ALTERED, "trace.jsonl:" + first);
  }

  @Test
  void linesThatWereSwappedAreAltered() throws IOException {
    output.lines.add(4, output.lines.remove(5));
    finds(Word.ALTERED, "trace.jsonl:5", "lines 5 to 7 are not those of heartbeat 4");
  }

  @Test
  void aLineThatWasTakenOutOrPutInIsAltered() throws IOException {
    var removed = output.lines.remove(1);
    finds(Word.ALTERED, "trace.jsonl:2");
    output.lines.add(1, removed);
    output.lines.add(1, removed);
    finds(Word.ALTERED, "trace.jsonl:2");
  }

  @Test
  void anOutputThatEndsEarlyIsAlteredWhereALineIsMissing() throws IOException {
    output.lines.removeLast();
    finds(Word.ALTERED, "trace.jsonl:7", "the line is missing or torn");
    output.lines.clear();
    finds(Word.ALTERED, "trace.jsonl:1", "the line is missing or torn");
  }

  @Test
  void anOutputWhoseLastLineIsTornIsAltered() throws IOException {
    var whole = Output.text(output.lines);
    var torn = whole.substring(0, whole.length() - 1);
    assertThat(Output.verdict(directory, TRUSTING, Output.text(output.heartbeats), torn))
        .isEqualTo(new Verdict(Word.ALTERED, "trace.jsonl:7", "the line is missing or torn"));
  }

  @Test
  void anythingAfterTheLastBoundLineIsAltered() throws IOException {
    for (var after : List.of("x", "x\n", "\n")) {
      var lines = Output.text(output.lines) + after;
      assertThat(Output.verdict(directory, TRUSTING, Output.text(output.heartbeats), lines))
          .isEqualTo(
              new Verdict(Word.ALTERED, "trace.jsonl:8", "the line came after the last heartbeat"));
    }
  }

  // what is asked of it

  @ParameterizedTest
  @ValueSource(strings = {"", "xyz", "00"})
  void expectationsAre32BytesInHex(String hex) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TRUSTING.expectingKey(hex))
        .withMessage("key \"" + hex + "\": must be 64 hex digits");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TRUSTING.expectingHead(1, hex))
        .withMessage("head \"" + hex + "\": must be 64 hex digits");
  }

  @Test
  void aHeadThatNoChainCanHaveIsRefusedOrMissing() throws IOException {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TRUSTING.expectingHead(-1, head("")))
        .withMessage("head -1: heartbeats count from 0");
    finds(TRUSTING.expectingHead(Long.MAX_VALUE, head("")), Word.ROLLBACK, "heartbeats.jsonl:7");
  }

  @Test
  void aFileThatIsNotThereIsAnErrorAndNoVerdict() throws IOException {
    var there = Files.writeString(directory.resolve("there"), "");
    assertThatExceptionOfType(NoSuchFileException.class)
        .isThrownBy(() -> TRUSTING.verify(there, directory.resolve("not-there")));
    assertThatExceptionOfType(NoSuchFileException.class)
        .isThrownBy(() -> TRUSTING.verify(directory.resolve("not-there"), there));
  }
}
