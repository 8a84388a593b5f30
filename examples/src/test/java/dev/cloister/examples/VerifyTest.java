package dev.cloister.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.Description;
import dev.cloister.core.policy.Document;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each word is said where that very damage was made to the output of a trace. */
final class VerifyTest {
  @TempDir private static Path whole;
  private static List<String> wholeHeartbeats = List.of();
  private static List<String> wholeTrace = List.of();

  /** What another life of the same box left. */
  private static List<String> otherHeartbeats = List.of();

  @TempDir private Path directory;
  private List<String> heartbeats = List.of();
  private List<String> trace = List.of();

  @BeforeAll
  static void traceTwice() throws IOException {
    for (var life : List.of("one", "two")) {
      assertThat(Run.of(new Trace(), "--out=" + whole.resolve(life)).exit()).isZero();
    }
    wholeHeartbeats = Files.readAllLines(whole.resolve("one").resolve("heartbeats.jsonl"));
    wholeTrace = Files.readAllLines(whole.resolve("one").resolve("trace.jsonl"));
    otherHeartbeats = Files.readAllLines(whole.resolve("two").resolve("heartbeats.jsonl"));
    assertThat(wholeHeartbeats).hasSize(2);
  }

  @BeforeEach
  void begin() {
    heartbeats = new ArrayList<>(wholeHeartbeats);
    trace = new ArrayList<>(wholeTrace);
  }

  private Run verify(String... options) throws IOException {
    Files.write(directory.resolve("heartbeats.jsonl"), heartbeats);
    Files.write(directory.resolve("trace.jsonl"), trace);
    return Run.of(
        new Verify(),
        Stream.concat(Stream.of("--in=" + directory), Stream.of(options)).toArray(String[]::new));
  }

  private static void assertSays(Run run, String word, String badLine) {
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err()).isEmpty();
    assertThat(run.outLines()).hasSize(2);
    assertThat(run.outLines().getFirst()).isEqualTo(word);
    assertThat(run.outLines().getLast()).startsWith(badLine + ": ");
  }

  private static String publicKey() {
    return Document.parse("header.json", wholeTrace.getFirst()).root().required("publicKey").text();
  }

  private static String head(int number) {
    return number + ":" + Description.sha256Hex(wholeHeartbeats.get(number).getBytes(UTF_8));
  }

  @Test
  void whatATraceLeftIsValid() throws IOException {
    var valid = new Run(0, "valid\n", "");
    assertThat(verify()).isEqualTo(valid);
    assertThat(verify("--key=" + publicKey(), "--head=" + head(0))).isEqualTo(valid);
    assertThat(verify("--head=" + head(1))).isEqualTo(valid);
  }

  @Test
  void withoutItsEndItIsUnclosed() throws IOException {
    heartbeats.removeLast();
    trace.subList(1, trace.size()).clear();
    assertSays(verify(), "unclosed", "heartbeats.jsonl:2");
    trace.add(wholeTrace.get(1));
    assertSays(verify(), "unclosed", "trace.jsonl:2");
  }

  @Test
  void withoutItsBeginningItHasAGap() throws IOException {
    heartbeats.removeFirst();
    assertSays(verify(), "gap", "heartbeats.jsonl:1");
    assertSays(verify("--key=" + publicKey()), "gap", "heartbeats.jsonl:1");
  }

  @Test
  void aHeartbeatAgainIsAReplay() throws IOException {
    heartbeats.addFirst(heartbeats.getFirst());
    assertSays(verify(), "replay", "heartbeats.jsonl:2");
  }

  @Test
  void aShorterOutputThanTheKeptHeadIsARollback() throws IOException {
    heartbeats.removeLast();
    trace.subList(1, trace.size()).clear();
    assertSays(verify("--head=" + head(1)), "rollback", "heartbeats.jsonl:2");
  }

  @Test
  void anotherLifeIsARestart() throws IOException {
    heartbeats.addAll(otherHeartbeats);
    assertSays(verify(), "restart", "heartbeats.jsonl:3");
  }

  @Test
  void aReplacedOutputShowsAgainstTheKeptKeyAlone() {
    var other = "--in=" + whole.resolve("two");
    assertThat(Run.of(new Verify(), other).outLines()).containsExactly("valid");
    assertSays(
        Run.of(new Verify(), other, "--key=" + publicKey()), "restart", "heartbeats.jsonl:1");
    assertSays(Run.of(new Verify(), other, "--head=" + head(0)), "rollback", "heartbeats.jsonl:1");
  }

  @Test
  void aHeartbeatThatNobodySignedIsForged() throws IOException {
    var last = heartbeats.removeLast();
    var signature = last.indexOf("\"signature\":\"") + "\"signature\":\"".length();
    var other = last.charAt(signature) == 'A' ? 'B' : 'A';
    heartbeats.add(last.substring(0, signature) + other + last.substring(signature + 1));
    assertSays(verify(), "forged", "heartbeats.jsonl:2");
  }

  @Test
  void anotherOutputIsAltered() throws IOException {
    trace.set(7, trace.get(7).replace("\"flow\":", "\"flow\":1"));
    assertSays(verify(), "altered", "trace.jsonl:2");
    trace.set(7, wholeTrace.get(7));
    trace.set(0, trace.getFirst().replace("\"waivers\":[", "\"waivers\":[ "));
    assertSays(verify(), "altered", "trace.jsonl:1");
    trace.set(0, wholeTrace.getFirst());
    trace.removeLast();
    assertSays(verify(), "altered", "trace.jsonl:" + wholeTrace.size());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--key=00",
        "--key=zz",
        "--head=1",
        "--head=x:00",
        "--head=1:00",
        "--head=:",
        "--head=-1:00",
        "--head=99999999999999999999:00"
      })
  void whatIsNoKeyOrHeadIsRefused(String option) throws IOException {
    OptionsTest.assertRefused(verify(option));
  }

  @Test
  void aDirectoryWithoutAnOutputIsRefused() throws IOException {
    var empty = Files.createDirectory(directory.resolve("empty"));
    var run = Run.of(new Verify(), "--in=" + empty);
    OptionsTest.assertRefused(run);
    assertThat(run.err())
        .isEqualTo("--in " + empty.resolve("heartbeats.jsonl") + ": there is no such file\n");
  }
}
