package dev.cloister.tor.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cloister.tor.Fingerprint;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A control port that is slow, dead or malicious: bounded, told, and nobody else's answer. */
@Timeout(60)
final class HostilePortTest {
  private static final ControlLimits LIMITS =
      new ControlLimits(200, 4000, 4, Duration.ofMillis(200));
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final Duration NOW = Duration.ZERO;

  /** An answer of every shape, an event before and after. */
  private static final String ANSWER =
      """
      650 BW 1 2
      250+config=
      first
      ..dot
      .
      250-other=in line
      250 OK
      650 BW 3 4
      """
          .replace("\n", "\r\n");

  private static TorControl answering(String answer) throws IOException {
    return ScriptedLink.control(LIMITS, _ -> answer);
  }

  private static void assertUnderstood(TorControl control) throws IOException {
    try (control) {
      var answers = control.getInfo(List.of("config", "other"));
      assertThat(answers).containsEntry("config", "first\n.dot").containsEntry("other", "in line");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 7, 64})
  void anAnswerIsUnderstoodInPiecesOfAnySize(int piece) throws IOException {
    assertUnderstood(ScriptedLink.inPiecesOf(piece, _ -> ANSWER).open(ControlLimits.DEFAULT));
  }

  @Test
  void anAnswerThatEndsAtAnyByteIsToldAsSuch() {
    var whole = ANSWER.indexOf("250 OK\r\n") + "250 OK\r\n".length();
    for (var length = 0; length < whole; length++) {
      var cut = ANSWER.substring(0, length) + ScriptedLink.CLOSES;
      assertThatThrownBy(
              () -> {
                try (var control = answering(cut)) {
                  control.getInfo(List.of("config", "other"));
                }
              })
          .as("cut after %d bytes", length)
          .hasMessageContaining("tor closed the control connection");
    }
  }

  @Test
  void anAnswerWithAnyByteReplacedIsAnAnswerOrAViolationAndNeverAHang() throws IOException {
    var random = new Random(5);
    for (var at = 0; at < ANSWER.length(); at++) {
      var bent = new StringBuilder(ANSWER);
      bent.setCharAt(at, (char) (random.nextInt(126) + 2));
      try (var control = answering(bent.append("250 OK\r\n" + ScriptedLink.CLOSES).toString())) {
        assertThat(control.getInfo(List.of("config"))).containsKey("config");
      } catch (IOException e) {
        assertThat(e).as("byte %d", at).hasMessageNotContaining("Exception");
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "25|must begin with a status",
        "25x OK|status of three digits",
        "250*OK|without ' ', '-' or '+'",
        "250-a=b / 650 BW 1 2|an event inside an answer",
        "650-BW 1 2 / 250 OK|an event inside an answer",
      })
  void whatIsNotTheProtocolEndsTheConnection(String lines, String told) throws IOException {
    var link = ScriptedLink.inPiecesOf(10, _ -> lines.replace(" / ", "\r\n") + "\r\n");
    try (var control = link.open(LIMITS)) {
      assertThatThrownBy(() -> control.getInfo("a"))
          .rootCause()
          .isInstanceOf(ControlViolation.class)
          .hasMessageContaining(told);
      assertThat(link.isClosed()).isTrue();
      assertThatThrownBy(() -> control.getInfo("a")).hasMessageContaining(told);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"250 O\nK\r\n", "250 O\rK\r\n", "250 O\0K\r\n"})
  void aByteThatNoLineMayHaveEndsTheConnection(String answer) throws IOException {
    try (var control = answering(answer)) {
      assertThatThrownBy(() -> control.getInfo("a"))
          .rootCause()
          .isInstanceOf(ControlViolation.class);
    }
  }

  static List<String> endless() {
    return List.of(
        "250 " + "x".repeat(300),
        "250-x\r\n".repeat(100),
        "250+x=\r\n" + "line\r\n".repeat(100),
        "650-x\r\n".repeat(100),
        "250+x=\r\n" + "\r\n".repeat(100));
  }

  @Test
  void anEndlessAnswerEndsTheConnectionAtTheLimit() throws IOException {
    for (var answer : endless()) {
      try (var control = answering(answer)) {
        assertThatThrownBy(() -> control.getInfo("a"))
            .rootCause()
            .isInstanceOf(ControlViolation.class)
            .hasMessageContaining("of more than");
      }
    }
  }

  @Test
  void anAnswerThatNobodyAskedForEndsTheConnection() throws IOException {
    try (var control = answering("250 OK\r\n250 OK\r\n")) {
      control.signal(TorSignal.ACTIVE);
      assertThatThrownBy(() -> control.signal(TorSignal.ACTIVE))
          .hasMessageContaining("nobody asked for");
    }
  }

  @Test
  void aLateAnswerIsNobodyElses() throws IOException {
    var link = ScriptedLink.inPiecesOf(100, _ -> "");
    try (var control = link.open(LIMITS)) {
      assertThatThrownBy(() -> control.getInfo("slow"))
          .isInstanceOf(SocketTimeoutException.class)
          .hasMessageContaining("no answer to GETINFO within PT0.2S");
      link.say("250-slow=late\r\n250 OK\r\n250-next=right\r\n250 OK\r\n");
      assertThat(control.getInfo("next")).isEqualTo("right");
    }
  }

  @Test
  void aDeadPortTakesNoMoreThanItsBoundOfCommands() throws Exception {
    try (var control = answering("");
        var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      var tasks = new ArrayList<Callable<String>>();
      IntStream.range(0, Conversation.WAITING_MOST + 50)
          .forEach(_ -> tasks.add(() -> control.getInfo("version")));
      var causes = new ArrayList<String>();
      for (var future : executor.invokeAll(tasks)) {
        try {
          future.get();
        } catch (ExecutionException e) {
          causes.add(String.valueOf(e.getCause()));
        }
      }
      assertThat(causes).hasSize(tasks.size());
      assertThat(causes)
          .filteredOn(cause -> cause.contains("it is dead or slow"))
          .hasSizeGreaterThanOrEqualTo(50);
    }
  }

  @Test
  void eventsBeyondTheBoundAreCountedAndTheRestIsInOrder() throws IOException {
    var link = ScriptedLink.inPiecesOf(1000, _ -> "250 OK\r\n");
    try (var control = link.open(LIMITS);
        var events = control.events(EventKind.BW)) {
      IntStream.range(0, 10).forEach(i -> link.say("650 BW " + i + " 0\r\n"));
      control.signal(TorSignal.ACTIVE);
      for (var i = 0; i < 4; i++) {
        assertThat(events.next(NOW)).contains(new TorEvent.Bandwidth(i, 0));
      }
      assertThat(events.next(NOW)).isEmpty();
      assertThat(events.missed()).isEqualTo(6);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "650 BW x y",
        "650 BW",
        "650 CIRC",
        "650 CIRC !! BUILT",
        "650 CIRC 1 NONSENSE",
        "650 CIRC 1 BUILT not-a-fingerprint",
        "650 STREAM 1 NEW",
        "650 STREAM 1 NEW 0123456789abcdefg host:80",
        "650 HS_DESC NONSENSE a b c",
        "650 NEWDESC nonsense",
        "650 CIRC_BW READ=1",
        "650 STREAM_BW 1 2",
        "650 STATUS_CLIENT SHOUT BOOTSTRAP",
        "650 ",
      })
  void anEventThatCanNotBeReadIsCountedAndSurvived(String event) throws IOException {
    var link = ScriptedLink.inPiecesOf(1000, _ -> "250 OK\r\n");
    try (var control = link.open(LIMITS);
        var events = control.events(EventKind.values())) {
      link.say(event + "\r\n650 NETWORK_LIVENESS UP\r\n");
      assertThat(events.next(SOON)).contains(new TorEvent.NetworkLiveness(true));
      assertThat(control.malformedEvents()).isEqualTo(1);
    }
  }

  @Test
  void relaysAndTheirConsensusAreTold() throws IOException {
    var relay = new Fingerprint("0123456789abcdef0123456789abcdef01234567");
    var link = ScriptedLink.inPiecesOf(1000, _ -> "250 OK\r\n");
    try (var control = link.open(ControlLimits.DEFAULT);
        var events = control.events(EventKind.NEWDESC, EventKind.NEWCONSENSUS)) {
      link.say("650 NEWDESC " + relay + "~one " + relay + "=two\r\n");
      link.say("650+NEWCONSENSUS\r\nr one\r\ns Running\r\n.\r\n650 OK\r\n");
      assertThat(events.next(SOON)).contains(new TorEvent.NewDescriptors(List.of(relay, relay)));
      assertThat(events.next(SOON)).contains(new TorEvent.NewConsensus("r one\ns Running\n"));
    }
  }

  @Test
  void anUnknownEventIsPassedOver() throws IOException {
    var link = ScriptedLink.inPiecesOf(1000, _ -> "250 OK\r\n");
    try (var control = link.open(LIMITS);
        var events = control.events(EventKind.BW)) {
      link.say("650+NS\r\nr x\r\n.\r\n650 OK\r\n650 BW 1 2\r\n");
      assertThat(events.next(SOON)).contains(new TorEvent.Bandwidth(1, 2));
      assertThat(control.malformedEvents()).isZero();
    }
  }

  @Test
  void whoWaitsReadsForAllAndEachGetsItsOwn() throws Exception {
    var link =
        ScriptedLink.inPiecesOf(
            3,
            command -> {
              var key = command.substring("GETINFO ".length()).strip();
              return "650 BW 1 1\r\n250-%s=of %s\r\n250 OK\r\n".formatted(key, key);
            });
    try (var control = link.open(ControlLimits.DEFAULT);
        var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      var tasks = new ArrayList<Callable<String>>();
      IntStream.range(0, 100).forEach(i -> tasks.add(() -> control.getInfo("key" + i)));
      var futures = executor.invokeAll(tasks);
      for (var i = 0; i < futures.size(); i++) {
        assertThat(futures.get(i).get()).isEqualTo("of key" + i);
      }
    }
  }

  @Test
  @SuppressWarnings("try")
  void closingWakesWhoWaits() throws Exception {
    try (var control = answering("250 OK\r\n");
        var events = control.events(EventKind.BW);
        var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      var begun = new CountDownLatch(1);
      var waiting =
          executor.submit(() -> {
            begun.countDown();
            return events.next(Duration.ofMinutes(10));
          });
      begun.await();
      control.close();
      assertThatThrownBy(waiting::get).hasRootCauseMessage("the control connection was closed");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "250-AUTH METHODS=SAFECOOKIE COOKIEFILE=\"/dev/zero\"|must have exactly 32 bytes",
        "250-AUTH METHODS=SAFECOOKIE COOKIEFILE=\"/no/such\"|/no/such",
        "250-AUTH METHODS=COOKIE COOKIEFILE=\"/etc/hostname\"|offers no SAFECOOKIE",
        "250-AUTH METHODS=SAFECOOKIE|offers no SAFECOOKIE",
      })
  void aFalsePortGetsNoFile(String methods, String told) {
    var hello = "250-PROTOCOLINFO 1\r\n" + methods + "\r\n250 OK\r\n";
    var link = ScriptedLink.dishonest(_ -> hello);
    assertThatThrownBy(
            () -> TorControl.over(link, new Authentication.SafeCookie(), ControlLimits.DEFAULT))
        .hasMessageContaining(told);
    assertThat(link.isClosed()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SERVERHASH=%1$s SERVERNONCE=%1$s",
        "SERVERHASH=%1$s",
        "SERVERNONCE=%1$s",
        "SERVERHASH=00 SERVERNONCE=%1$s",
        "SERVERHASH=xx SERVERNONCE=yy",
        "",
      })
  void aPortThatDoesNotKnowTheCookieGetsNoProof(String challenge, @TempDir Path directory)
      throws IOException {
    var cookie = Files.write(directory.resolve("cookie"), new byte[32]);
    var link =
        ScriptedLink.dishonest(command ->
            command.startsWith("PROTOCOLINFO")
                ? "250-AUTH METHODS=SAFECOOKIE COOKIEFILE=\"" + cookie + "\"\r\n250 OK\r\n"
                : "250 AUTHCHALLENGE " + challenge.formatted("00".repeat(32)) + "\r\n");
    assertThatThrownBy(
            () -> TorControl.over(link, new Authentication.SafeCookie(), ControlLimits.DEFAULT))
        .isInstanceOf(ControlViolation.class);
    assertThat(link.isClosed()).isTrue();
    assertThat(link.sent()).doesNotContain("AUTHENTICATE");
  }
}
