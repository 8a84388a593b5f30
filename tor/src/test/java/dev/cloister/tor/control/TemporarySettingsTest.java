package dev.cloister.tor.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cloister.core.testing.RequiresProgram;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Options that are set for a while, of a real tor, and what is told when they cannot be undone. */
@RequiresProgram("tor")
@Timeout(60)
final class TemporarySettingsTest {
  private static final String DEFAULTS =
      "ContactInfo;ExitPolicy;ExitRelay;MyFamily;ServerDNSTestAddresses";
  private static final Setting OURS = new Setting("ContactInfo", "ours");

  @TempDir private static Path directory;
  private static LoneTor tor;

  private TorControl control;

  @BeforeAll
  static void start() throws IOException {
    tor = LoneTor.startIn(directory);
  }

  @AfterAll
  static void stop() {
    tor.close();
  }

  @BeforeEach
  void connect() throws IOException {
    control = TorControl.connect(tor.tcp());
    control.resetConf(settings(DEFAULTS));
  }

  @AfterEach
  void disconnect() {
    control.close();
  }

  /** Reads options, a semicolon between two and an equals sign before a value. */
  private static Setting[] settings(String text) {
    return Arrays.stream(text.split(";", -1))
        .map(one -> one.split("=", 2))
        .map(parts -> new Setting(parts[0], parts.length == 1 ? "" : parts[1]))
        .toArray(Setting[]::new);
  }

  private String contact() throws IOException {
    return control.getConf("ContactInfo").getFirst().value();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        DEFAULTS,
        "ContactInfo=a \"quoted\" one \\ é",
        "ExitPolicy=accept 10.0.0.1:1;ExitPolicy=reject 10.0.0.0/8:*;ExitPolicy=accept *:80",
        "ExitPolicy=reject *:*;ExitRelay=0",
        "ExitPolicy=accept *:80, reject *:*;ExitRelay=1;ContactInfo=x",
      })
  void whatWasFoundIsThereAgainByteForByte(String found) throws IOException {
    control.resetConf(settings(found));
    var before = control.getInfo("config-text");
    var policy = new Setting("exitpolicy", "accept 127.0.0.1:80");
    var last = new Setting("ExitPolicy", "reject *:*");
    var temporary =
        TemporarySettings.apply(control, policy, last, new Setting("ExitRelay", "1"), OURS);
    assertThat(control.getConf("ExitPolicy"))
        .containsExactly(new Setting("ExitPolicy", policy.value()), last);
    assertThat(control.getInfo("config-text")).isNotEqualTo(before);
    temporary.close();
    temporary.close();
    assertThat(control.getInfo("config-text")).isEqualTo(before);
  }

  @Test
  void anOptionThatWasSetToNothingIsSetToNothingAgain() throws IOException {
    control.setConf(Setting.byDefault("ServerDNSTestAddresses"));
    var before = control.getInfo("config-text");
    assertThat(before).contains("ServerDNSTestAddresses");
    TemporarySettings.apply(control, new Setting("ServerDNSTestAddresses", "a.example")).close();
    assertThat(control.getInfo("config-text")).isEqualTo(before);
  }

  @Test
  void everyChangeIsALineForTheOperator() throws IOException {
    control.setConf(settings("ExitPolicy=accept *:80;ExitPolicy=reject *:*"));
    try (var temporary =
        TemporarySettings.apply(
            control, settings("ExitPolicy=reject *:*;ContactInfo=a \"b\";ExitRelay=auto"))) {
      assertThat(temporary.lines())
          .containsExactly(
              "ExitPolicy: \"accept *:80\", \"reject *:*\" -> \"reject *:*\"",
              "ContactInfo: unset -> \"a \\\"b\\\"\"");
    }
  }

  @Test
  void whatTorRefusesChangesNothing() throws IOException {
    var before = control.getInfo("config-text");
    assertThatExceptionOfType(ControlRefused.class)
        .isThrownBy(
            () -> TemporarySettings.apply(control, OURS, new Setting("ExitPolicy", "nonsense")));
    assertThat(control.getInfo("config-text")).isEqualTo(before);
  }

  @Test
  void whatSomebodyElseHasChangedSinceIsLeftAndTold() throws IOException {
    var temporary =
        TemporarySettings.apply(control, OURS, new Setting("MyFamily", "$" + "A".repeat(40)));
    control.setConf(new Setting("ContactInfo", "theirs"));
    assertThatThrownBy(temporary::close)
        .isInstanceOf(IOException.class)
        .hasMessage(
            "options of tor were changed by somebody else, and left (ContactInfo); unless that is"
                + " wanted, undo them by hand: RESETCONF ContactInfo");
    assertThat(contact()).isEqualTo("theirs");
    assertThat(control.getConf("MyFamily")).containsExactly(Setting.byDefault("MyFamily"));
  }

  @Test
  void twoThatOverlapAreUndoneInEitherOrder() throws IOException {
    var first = TemporarySettings.apply(control, OURS);
    var second = TemporarySettings.apply(control, new Setting("ContactInfo", "second"));
    assertThatThrownBy(first::close).hasMessageContaining("changed by somebody else");
    second.close();
    assertThat(contact()).isEqualTo("ours");
    first.close();
    assertThat(contact()).isEmpty();
  }

  @Test
  void afterABrokenConnectionItSaysHowToUndoItByHandAndUndoesItThroughAnother() throws IOException {
    control.setConf(settings("ExitPolicy=accept *:80;ExitPolicy=reject *:*"));
    var before = control.getInfo("config-text");
    var broken = TorControl.connect(tor.tcp());
    var temporary =
        TemporarySettings.apply(broken, settings("ExitPolicy=reject *:*;ContactInfo=x"));
    broken.close();
    assertThatThrownBy(temporary::close)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("options of tor were not undone (ExitPolicy, ContactInfo)")
        .hasMessageEndingWith(
            "RESETCONF ExitPolicy=\"accept *:80\" ExitPolicy=\"reject *:*\" ContactInfo");
    temporary.undo(control);
    assertThat(control.getInfo("config-text")).isEqualTo(before);
    temporary.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {ScriptedLink.CLOSES, ""})
  void anAnswerThatNeverComesIsUndoneOrTold(String answer) throws IOException {
    var limits = ControlLimits.DEFAULT.answerIn(Duration.ofMillis(200));
    var asked = new ArrayList<String>();
    var dying =
        ScriptedLink.control(
            limits,
            command -> {
              asked.add(command.strip());
              return command.startsWith("GETCONF") ? "250 ContactInfo=found\r\n" : answer;
            });
    try (dying) {
      assertThatThrownBy(() -> TemporarySettings.apply(dying, OURS))
          .hasMessage(
              "options of tor may be set, and were not undone (ContactInfo); unless that is"
                  + " wanted, undo them by hand: RESETCONF ContactInfo=\"found\"");
    }
    assertThat(asked).startsWith("GETCONF ContactInfo", "SETCONF ContactInfo=ours");
  }

  @Test
  void anAnswerThatIsLateIsUndone() throws IOException {
    var limits = ControlLimits.DEFAULT.answerIn(Duration.ofMillis(200));
    var asked = new ArrayList<String>();
    var slow =
        ScriptedLink.control(
            limits,
            command -> {
              asked.add(command.strip());
              return switch (command.split(" ", 2)[0]) {
                case "GETCONF" -> "250 ContactInfo\r\n";
                case "SETCONF" -> "";
                default -> "250 OK\r\n250 OK\r\n";
              };
            });
    try (slow) {
      assertThatThrownBy(() -> TemporarySettings.apply(slow, OURS))
          .isInstanceOf(java.net.SocketTimeoutException.class);
    }
    assertThat(asked)
        .isEqualTo(
            List.of("GETCONF ContactInfo", "SETCONF ContactInfo=ours", "RESETCONF ContactInfo"));
  }

  @Test
  void settingsThatCannotBeAskedForAreNotSet() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> TemporarySettings.apply(control, new Setting("HiddenServiceDir", "/tmp/x")))
        .withMessageContaining("publish the service by ADD_ONION");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TemporarySettings.apply(control))
        .withMessageContaining("must be at least one");
  }
}
