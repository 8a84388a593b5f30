package dev.cloister.tor.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cloister.core.testing.RequiresProgram;
import dev.cloister.tor.OnionKey;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands that need no network, against a real tor. */
@RequiresProgram("tor")
@Timeout(60)
final class TorControlTest {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final String PASSWORD = "a \"b\\c";

  @TempDir private static Path directory;
  private static LoneTor tor;

  @BeforeAll
  static void start() throws IOException {
    tor = LoneTor.startIn(directory, "HashedControlPassword " + hashOf(PASSWORD));
  }

  @AfterAll
  static void stop() {
    tor.close();
  }

  private static String hashOf(String password) throws IOException {
    var hashing = new ProcessBuilder("tor", "--quiet", "--hash-password", password).start();
    return hashing.inputReader().lines().filter(l -> l.startsWith("16:")).findFirst().orElseThrow();
  }

  static List<SocketAddress> addresses() {
    return tor.both();
  }

  private static TorControl connect() throws IOException {
    return TorControl.connect(tor.tcp());
  }

  @ParameterizedTest
  @MethodSource("addresses")
  void theSafeCookieOpensTcpAndUnixSockets(SocketAddress address) throws IOException {
    try (var control = TorControl.connect(address)) {
      assertThat(control.protocol().methods()).contains("SAFECOOKIE", "HASHEDPASSWORD");
      assertThat(control.getInfo("version")).startsWith(control.protocol().torVersion());
    }
  }

  @Test
  void aPasswordOfAnyCharactersOpensIt() throws IOException {
    try (var password = new Authentication.Password(PASSWORD.toCharArray());
        var control = TorControl.connect(tor.tcp(), password, ControlLimits.DEFAULT)) {
      assertThat(control.getInfo("process/pid")).isEqualTo("" + tor.process().pid());
    }
  }

  @Test
  void thePlainCookieOpensIt() throws IOException {
    var cookie = new Authentication.Cookie(tor.cookie());
    try (var control = TorControl.connect(tor.tcp(), cookie, ControlLimits.DEFAULT)) {
      assertThat(control.getInfo("process/user")).isNotEmpty();
    }
  }

  @Test
  void aWrongPasswordIsRefusedWithTorsStatus() {
    var password = new Authentication.Password("wrong".toCharArray());
    assertThatThrownBy(() -> TorControl.connect(tor.tcp(), password, ControlLimits.DEFAULT))
        .isInstanceOfSatisfying(ControlRefused.class, e -> assertThat(e.status()).isEqualTo(515));
  }

  @Test
  void aCookieOfAnotherLengthIsNotSent() throws IOException {
    var file = Files.writeString(directory.resolve("secret"), "a secret of more than 32 bytes, so");
    var cookie = new Authentication.Cookie(file);
    assertThatThrownBy(() -> TorControl.connect(tor.tcp(), cookie, ControlLimits.DEFAULT))
        .hasMessageContaining("secret: must have exactly 32 bytes");
  }

  @Test
  void whatIsNotOfferedIsNotTried() {
    assertThatThrownBy(
            () -> TorControl.connect(tor.tcp(), new Authentication.None(), ControlLimits.DEFAULT))
        .hasMessageContaining("no authentication by NULL: it offers");
  }

  @Test
  void anAddressWhereNothingListensIsNamed() {
    var nowhere = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
    assertThatThrownBy(() -> TorControl.connect(nowhere))
        .hasMessageContaining("127.0.0.1:1")
        .hasMessageContaining("is tor running with that ControlPort?");
  }

  @Test
  void aNameIsNotLookedUp() {
    var named = InetSocketAddress.createUnresolved("localhost", 9051);
    assertThatThrownBy(() -> TorControl.connect(named)).hasMessageContaining("numeric address");
  }

  @Test
  void informationComesInLinesAndInData() throws IOException {
    try (var control = connect()) {
      var answers = control.getInfo(List.of("version", "config-text", "info/names"));
      assertThat(answers.get("version")).startsWith("0.");
      assertThat(answers.get("config-text")).contains("\nDisableNetwork 1");
      assertThat(answers.get("info/names")).contains("\nversion --");
    }
  }

  @Test
  void anUnknownKeyIsRefusedAndTheConnectionGoesOn() throws IOException {
    try (var control = connect()) {
      assertThatThrownBy(() -> control.getInfo("no/such/key"))
          .isInstanceOfSatisfying(ControlRefused.class, e -> assertThat(e.status()).isEqualTo(552));
      assertThat(control.getInfo("version")).isNotEmpty();
      assertThat(control.hasEnded()).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"plain", "two words", "a \"quoted\" one", "back\\slash", "#no comment", "é"})
  void aSettingReadsBackAsItWasSet(String value) throws IOException {
    try (var control = connect()) {
      var setting = new Setting("ContactInfo", value);
      control.setConf(setting);
      assertThat(control.getConf("contactinfo")).containsExactly(setting);
      control.resetConf(Setting.byDefault("ContactInfo"));
      assertThat(control.getConf("ContactInfo")).containsExactly(Setting.byDefault("ContactInfo"));
    }
  }

  @Test
  void anOptionOfSeveralLinesIsSeveralSettingsInOrder() throws IOException {
    try (var control = connect()) {
      var lines =
          new Setting[] {
            new Setting("ExitPolicy", "accept *:80"), new Setting("ExitPolicy", "reject *:*")
          };
      control.setConf(lines);
      assertThat(control.getConf("ExitPolicy")).containsExactly(lines);
      control.resetConf(Setting.byDefault("ExitPolicy"));
    }
  }

  @Test
  void aValueThatTorRefusesChangesNothing() throws IOException {
    try (var control = connect()) {
      assertThatThrownBy(() ->
              control.setConf(
                  new Setting("ContactInfo", "new"), new Setting("ExitPolicy", "accept nonsense")))
          .isInstanceOfSatisfying(ControlRefused.class, e -> assertThat(e.status()).isEqualTo(513));
      assertThat(control.getConf("ContactInfo")).containsExactly(Setting.byDefault("ContactInfo"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\r\nSIGNAL HALT", "a\nSIGNAL HALT", "a\0b"})
  void aValueThatWouldEndTheLineIsNotSent(String value) throws IOException {
    try (var control = connect()) {
      assertThatThrownBy(() -> control.setConf(new Setting("ContactInfo", value)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("must be one line");
      assertThat(control.getInfo("process/pid")).isEqualTo("" + tor.process().pid());
    }
  }

  @Test
  void anEventComesToEachSubscriberOfItsKind() throws IOException {
    try (var control = connect();
        var first = control.events(EventKind.STATUS_GENERAL, EventKind.BW);
        var second = control.events(EventKind.BW)) {
      assertThat(second.next(SOON)).containsInstanceOf(TorEvent.Bandwidth.class);
      assertThat(first.next(SOON)).containsInstanceOf(TorEvent.Bandwidth.class);
    }
  }

  @Test
  void whatNobodySubscribesToIsNotSent() throws IOException {
    try (var control = connect()) {
      control.events(EventKind.BW).close();
      try (var other = control.events(EventKind.STATUS_GENERAL)) {
        assertThat(other.next(Duration.ofMillis(1500))).isEmpty();
      }
    }
  }

  @Test
  void anOnionServiceComesUnderTheKeyThatTorMadeOrTheCallerBrought() throws IOException {
    var target = new InetSocketAddress(InetAddress.getLoopbackAddress(), 80);
    try (var control = connect()) {
      var made = control.onions().add(NewOnion.serving(80, target));
      control.onions().delete(made.address());
      try (var key = made.key().orElseThrow()) {
        assertThat(key.kind()).isEqualTo(OnionKey.Kind.SERVICE);
        var brought =
            control
                .onions()
                .add(NewOnion.serving(80, target).key(key).detached().proofOfWork(10, 20));
        assertThat(brought).isEqualTo(new OnionCommands.Added(made.address(), Optional.empty()));
        assertThat(control.getInfo("onions/detached")).isEqualTo(made.address().id());
        assertThatThrownBy(() -> control.onions().add(NewOnion.serving(81, target).key(key)))
            .isInstanceOfSatisfying(
                ControlRefused.class, e -> assertThat(e.status()).isEqualTo(550));
        control.onions().delete(made.address());
      }
    }
  }

  @Test
  void torEndsWithTheConnectionThatOwnsIt() throws Exception {
    try (var owned = LoneTor.startIn(directory)) {
      try (var control = TorControl.connect(owned.unix())) {
        control.takeOwnership();
      }
      assertThat(owned.process().waitFor(20, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void whoWaitsLearnsThatTorHasDied() throws Exception {
    try (var dying = LoneTor.startIn(directory);
        var control = TorControl.connect(dying.unix());
        var events = control.events(EventKind.NETWORK_LIVENESS)) {
      dying.process().destroyForcibly();
      assertThatThrownBy(() -> events.next(SOON)).hasMessageContaining("tor closed");
      assertThat(control.hasEnded()).isTrue();
    }
  }
}
