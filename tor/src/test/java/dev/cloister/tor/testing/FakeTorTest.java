package dev.cloister.tor.testing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cloister.core.testing.FakeTime;
import dev.cloister.tor.Fingerprint;
import dev.cloister.tor.OnionAddress;
import dev.cloister.tor.OnionKey;
import dev.cloister.tor.control.Authentication;
import dev.cloister.tor.control.Circuits.CloseReason;
import dev.cloister.tor.control.Circuits.Purpose;
import dev.cloister.tor.control.ControlEvents;
import dev.cloister.tor.control.ControlLimits;
import dev.cloister.tor.control.ControlRefused;
import dev.cloister.tor.control.EventKind;
import dev.cloister.tor.control.NewOnion;
import dev.cloister.tor.control.Setting;
import dev.cloister.tor.control.TorControl;
import dev.cloister.tor.control.TorEvent;
import dev.cloister.tor.control.TorEvent.CircuitStatus;
import dev.cloister.tor.control.TorEvent.StreamStatus;
import dev.cloister.tor.control.TorSignal;
import dev.cloister.tor.socks.Destination;
import dev.cloister.tor.socks.Isolation;
import dev.cloister.tor.socks.SocksCode;
import dev.cloister.tor.socks.SocksFailure;
import dev.cloister.tor.socks.TorStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the fake alone does: time, hooks, strictness, and who may ask. */
@Timeout(20)
final class FakeTorTest {
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Isolation ALICE = Isolation.named("alice", "pw");
  private static final Destination SITE = new Destination("example.com", 80);

  private final FakeTime time = FakeTime.startingAt(Instant.parse("2026-11-22T12:00:00Z"));
  private final FakeTor tor = FakeTor.at(time);

  @AfterEach
  void close() {
    tor.close();
  }

  /** Speaks the protocol by hand. */
  static String ask(FakeTor tor, String line) throws IOException {
    try (var link = tor.link()) {
      link.write(UTF_8.encode("AUTHENTICATE\r\n" + line + "\r\n"), 1);
      var bytes = ByteBuffer.allocate(1 << 16);
      link.read(bytes, 1);
      return UTF_8.decode(bytes.flip()).toString().substring("250 OK\r\n".length());
    }
  }

  private TorStream open(Destination to) throws IOException {
    return tor.streams().open(to, ALICE, MINUTE);
  }

  private void refused(SocksCode code, Destination to) {
    assertThatExceptionOfType(SocksFailure.class)
        .isThrownBy(() -> open(to))
        .satisfies(failure -> assertThat(failure.code()).isEqualTo(code));
  }

  private static List<TorEvent> drained(ControlEvents events) throws IOException {
    var seen = new ArrayList<TorEvent>();
    for (var event = events.next(Duration.ZERO);
        event.isPresent();
        event = events.next(Duration.ZERO)) {
      seen.add(event.get());
    }
    return seen;
  }

  private static NewOnion service() {
    return NewOnion.serving(80, new InetSocketAddress(InetAddress.getLoopbackAddress(), 8080));
  }

  @Test
  void oneThreadPlaysBothEnds() throws IOException {
    try (var server = tor.listen("example.com", 80);
        var near = open(SITE);
        var far = server.accept(MINUTE)) {
      near.write(UTF_8.encode("hello"));
      var read = ByteBuffer.allocate(10);
      far.read(read);
      assertThat(UTF_8.decode(read.flip()).toString()).isEqualTo("hello");
    }
    tor.checkNothingOpen();
  }

  @Test
  void aStreamsLifeIsToldWithItsUser() throws IOException {
    try (var control = tor.control();
        var events = control.events(EventKind.STREAM);
        var _ = tor.listen("example.com", 80)) {
      open(SITE).close();
      var seen = drained(events);
      assertThat(seen)
          .extracting(event -> ((TorEvent.Stream) event).status())
          .containsExactly(
              StreamStatus.NEW,
              StreamStatus.SENTCONNECT,
              StreamStatus.SUCCEEDED,
              StreamStatus.CLOSED);
      assertThat(seen).allSatisfy(e -> assertThat(e.detail("SOCKS_USERNAME")).contains("alice"));
    }
  }

  @Test
  void streamsOfOneIsolationShareACircuitUntilANewIdentity() throws IOException {
    try (var control = tor.control();
        var _ = tor.listen("example.com", 80);
        var _ = open(SITE);
        var _ = open(SITE);
        var _ = tor.streams().open(SITE, Isolation.named("bob", "pw"), MINUTE)) {
      assertThat(control.circuits().list()).hasSize(2);
      control.signal(TorSignal.NEWNYM);
      open(SITE).close();
      assertThat(control.circuits().list()).hasSize(3);
    }
  }

  @Test
  void aNameThatNobodyDeclaredDoesNotResolveAndAnAddressRefuses() throws IOException {
    refused(SocksCode.HOST_UNREACHABLE, SITE);
    refused(SocksCode.GENERAL_FAILURE, new Destination("10.0.0.1", 80));
    try (var _ = tor.listen("example.com", 443)) {
      refused(SocksCode.GENERAL_FAILURE, SITE);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"NOT_ALLOWED", "TTL_EXPIRED", "GENERAL_FAILURE"})
  void aDestinationIsRefusedAsTheTestSays(SocksCode code) {
    tor.refuse("example.com", 80, code);
    refused(code, SITE);
    tor.checkNothingOpen();
  }

  @Test
  void aHeldCircuitKeepsItsStreamsWaitingUntilItIsReleased() throws IOException {
    tor.holdCircuits();
    try (var control = tor.control();
        var events = control.events(EventKind.CIRC);
        var _ = tor.listen("example.com", 80)) {
      var opening = CompletableFuture.supplyAsync(() -> unchecked(() -> open(SITE)));
      assertThat(events.next(MINUTE))
          .hasValueSatisfying(e -> assertThat(status(e)).isEqualTo(CircuitStatus.LAUNCHED));
      assertThat(opening).isNotDone();
      tor.releaseCircuits();
      opening.join().close();
    }
  }

  private static CircuitStatus status(TorEvent event) {
    return ((TorEvent.Circuit) event).status();
  }

  private interface Task<T> {
    T run() throws IOException;
  }

  private static <T> T unchecked(Task<T> task) {
    try {
      return task.run();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void anOpeningTimesOutWhenTheClockSaysSo() {
    tor.holdCircuits();
    var opening = CompletableFuture.supplyAsync(() -> unchecked(() -> open(SITE)));
    assertThat(opening).isNotDone();
    while (!opening.isDone()) {
      time.advance(MINUTE);
    }
    assertThatThrownBy(opening::join).hasRootCauseInstanceOf(SocketTimeoutException.class);
    tor.checkNothingOpen();
  }

  @Test
  void aFailedCircuitIsToldAndFailsTheStreamThatWantedIt() throws IOException {
    tor.failNextCircuit("TIMEOUT");
    try (var control = tor.control();
        var events = control.events(EventKind.CIRC)) {
      control.circuits().launch(Purpose.CONTROLLER, tor.relays());
      assertThat(drained(events))
          .last()
          .satisfies(e -> assertThat(status(e)).isEqualTo(CircuitStatus.FAILED))
          .satisfies(e -> assertThat(e.detail("REASON")).contains("TIMEOUT"));
    }
    tor.failNextCircuit("TIMEOUT");
    refused(SocksCode.GENERAL_FAILURE, SITE);
    tor.checkNothingOpen();
  }

  @Test
  void aStreamThatNobodyAttachesWaitsForAController() throws Exception {
    try (var control = tor.control();
        var events = control.events(EventKind.STREAM);
        var _ = tor.listen("example.com", 80)) {
      control.setConf(new Setting("__LeaveStreamsUnattached", "1"));
      var opening = CompletableFuture.supplyAsync(() -> unchecked(() -> open(SITE)));
      var stream = ((TorEvent.Stream) events.next(MINUTE).orElseThrow()).stream();
      var oneHop = control.circuits().launch(Purpose.CONTROLLER, tor.relays().subList(0, 1));
      assertThatThrownBy(() -> control.circuits().attach(stream, oneHop))
          .hasMessageContaining("551 Can't attach stream to this one-hop circuit.");
      var circuit = control.circuits().launch(Purpose.CONTROLLER, tor.relays().subList(0, 3));
      control.circuits().attach(stream, circuit);
      var opened = opening.get();
      assertThat(control.circuits().streams().getFirst().circuit()).isEqualTo(circuit);
      assertThatThrownBy(() -> control.circuits().attach(stream, circuit))
          .hasMessageContaining("555");
      control.circuits().closeIfUnused(circuit);
      assertThat(control.circuits().streams()).hasSize(1);
      control.circuits().close(circuit);
      assertThat(opened.read(ByteBuffer.allocate(1))).isEqualTo(-1);
    }
  }

  @Test
  void aStreamThatIsClosedByCommandEnds() throws IOException {
    try (var control = tor.control();
        var server = tor.listen("example.com", 80);
        var near = open(SITE);
        var far = server.accept(MINUTE)) {
      var stream = control.circuits().streams().getFirst().stream();
      control.circuits().close(stream, CloseReason.TIMEOUT);
      assertThat(near.read(ByteBuffer.allocate(1))).isEqualTo(-1);
      assertThat(far.read(ByteBuffer.allocate(1))).isEqualTo(-1);
      assertThat(control.circuits().streams()).isEmpty();
    }
  }

  @Test
  void aServiceIsFoundOnceItsDescriptorIsUploaded() throws IOException {
    tor.uploadAfter(MINUTE);
    try (var control = tor.control();
        var events = control.events(EventKind.HS_DESC);
        var server = tor.listen("127.0.0.1", 8080)) {
      var added = control.onions().add(service().discardKey());
      var site = new Destination(added.address().text(), 80);
      refused(SocksCode.ONION_NOT_FOUND, site);
      assertThat(tor.tick()).isEqualTo(MINUTE.toNanos());
      assertThat(drained(events)).noneMatch(FakeTorTest::isUploaded);
      time.advance(MINUTE);
      assertThat(drained(events)).anyMatch(FakeTorTest::isUploaded);
      open(site).close();
      server.accept(MINUTE).close();
      control.onions().delete(added.address());
      refused(SocksCode.ONION_NOT_FOUND, site);
    }
    tor.checkNothingOpen();
  }

  private static boolean isUploaded(TorEvent event) {
    return event instanceof TorEvent.OnionDescriptor descriptor
        && descriptor.action() == TorEvent.DescriptorAction.UPLOADED;
  }

  /** The keys are those of RFC 7748, section 6.1. */
  @Test
  void aServiceForSomeClientsWantsTheirKey() throws IOException {
    var bob =
        HexFormat.of().parseHex("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
    var bobs = "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb";
    var alices = "77076d0a7318a57d3c16c17251b26645c6d94a1c6a6a3b0a5b5b5b5b5b5b5b5b";
    try (var control = tor.control();
        var _ = tor.listen("127.0.0.1", 8080)) {
      var added = control.onions().add(service().client(bob).discardKey());
      var site = new Destination(added.address().text(), 80);
      refused(SocksCode.ONION_MISSING_AUTHORIZATION, site);
      authorize(control, added.address(), alices);
      refused(SocksCode.ONION_WRONG_AUTHORIZATION, site);
      authorize(control, added.address(), bobs);
      open(site).close();
    }
  }

  private static void authorize(TorControl control, OnionAddress address, String hex)
      throws IOException {
    try (var key = OnionKey.of(OnionKey.Kind.CLIENT, HexFormat.of().parseHex(hex))) {
      control.onions().authorize(address, key, "");
    }
  }

  @Test
  void whatIsLeftOpenIsNamed() throws IOException {
    var control = tor.control();
    control.events(EventKind.CIRC);
    control.circuits().launch(Purpose.CONTROLLER, tor.relays());
    var added = control.onions().add(service().detached().discardKey());
    control.setConf(new Setting("ContactInfo", "me"));
    try (var _ = tor.listen("example.com", 80)) {
      open(SITE);
    }
    assertThatThrownBy(tor::checkNothingOpen)
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("control connection with subscriptions to [CIRC]")
        .hasMessageContaining("circuit 1 BUILT")
        .hasMessageContaining("example.com:80")
        .hasMessageContaining("onion service " + added.address().id())
        .hasMessageContaining("option ContactInfo me");
  }

  @ParameterizedTest
  @ValueSource(strings = {"MAPADDRESS a=b", "GETINFO entry-guards", "+HSPOST\r\nx\r\n."})
  void whatIsNotModelledFailsTheTestUnlessItsRefusalIsAskedFor(String line) throws IOException {
    assertThatThrownBy(() -> ask(tor, line))
        .isInstanceOf(NotModelled.class)
        .hasMessageContaining("FakeTor.refusingUnmodelled()");
    assertThat(ask(tor.refusingUnmodelled(), line)).matches("(?s)5(10|52) Unrecognized .*\r\n");
  }

  @Test
  void aConnectionThatAskedForWhatIsNotModelledHasEnded() throws IOException {
    try (var control = tor.control()) {
      assertThatThrownBy(() -> control.getInfo("entry-guards")).isInstanceOf(NotModelled.class);
      assertThatThrownBy(() -> control.getInfo("version")).hasMessageContaining("tor closed");
    }
    tor.checkNothingOpen();
  }

  @Test
  void onlyEventsThatWereAskedForAreSentAndAfterTheAnswer() throws IOException {
    assertThat(ask(tor, "SETEVENTS CIRC\r\nEXTENDCIRCUIT 0\r\nADD_ONION NEW:BEST Port=80"))
        .startsWith("250 OK\r\n250 EXTENDED 1\r\n650 CIRC 1 LAUNCHED ")
        .doesNotContain("HS_DESC");
  }

  @Test
  void whoSaysThePasswordIsIn() throws IOException {
    tor.password("a \"b\\c");
    try (var right = new Authentication.Password("a \"b\\c".toCharArray());
        var wrong = new Authentication.Password("a".toCharArray())) {
      assertThatThrownBy(() -> TorControl.over(tor.link(), wrong, ControlLimits.DEFAULT))
          .isInstanceOfSatisfying(ControlRefused.class, e -> assertThat(e.status()).isEqualTo(515));
      TorControl.over(tor.link(), right, ControlLimits.DEFAULT).close();
    }
    tor.checkNothingOpen();
  }

  @Test
  void whoKnowsTheCookieIsIn(@TempDir Path directory) throws IOException {
    var file = directory.resolve("cookie");
    tor.cookie(file);
    for (var by : List.of(new Authentication.SafeCookie(), new Authentication.Cookie(file))) {
      try (var control = TorControl.over(tor.link(), by, ControlLimits.DEFAULT)) {
        assertThat(control.getInfo("version")).startsWith("0.4.9");
      }
    }
  }

  @Test
  void whoSaysNothingGetsNothing() throws IOException {
    try (var link = tor.link()) {
      link.write(UTF_8.encode("GETINFO version\r\n"), 1);
      var bytes = ByteBuffer.allocate(100);
      link.read(bytes, 1);
      assertThat(UTF_8.decode(bytes.flip()).toString())
          .isEqualTo("514 Authentication required.\r\n");
      assertThat(link.read(bytes.clear(), 1)).isEqualTo(-1);
    }
  }

  @Test
  void anEventThatTheTestSendsIsHeard() throws IOException {
    try (var control = tor.control();
        var events = control.events(EventKind.BW)) {
      tor.send("BW", "1 2");
      assertThat(events.next(Duration.ZERO)).contains(new TorEvent.Bandwidth(1, 2));
    }
  }

  @Test
  void torEndsWithItsOwnerAndByHalt() throws IOException {
    try (var owner = tor.control()) {
      owner.takeOwnership();
    }
    assertThatThrownBy(tor::control).hasMessageContaining("closed");
    var other = FakeTor.at(time);
    var control = other.control();
    assertThatCode(() -> control.signal(TorSignal.HALT)).doesNotThrowAnyException();
    assertThatThrownBy(() -> control.getInfo("version")).isInstanceOf(IOException.class);
  }

  @Test
  void relaysAreTheSameInEveryRun() {
    assertThat(tor.relays())
        .hasSize(FakeTor.RELAYS)
        .doesNotHaveDuplicates()
        .isEqualTo(FakeTor.at(time).relays())
        .first()
        .extracting(Fingerprint::hex)
        .asString()
        .hasSize(40);
  }
}
