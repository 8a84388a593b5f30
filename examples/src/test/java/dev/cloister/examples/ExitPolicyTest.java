package dev.cloister.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.testing.RequiresProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Destinations in, decisions out, as Tor decides. */
final class ExitPolicyTest {
  private static final String POLICY =
      "reject private:*,accept 192.0.2.0/24:80-81, accept6 [2001:db8::]/32,reject *:25";

  private static Run run(String input, String... arguments) {
    return Run.reading(input, new ExitPolicy(), arguments);
  }

  @ParameterizedTest
  @CsvSource({
    "10.1.2.3:80, reject, reject private:*",
    "[fe80::1]:80, reject, reject private:*",
    "192.0.2.9:81, accept, accept 192.0.2.0/24:80-81",
    "[2001:db8::1]:25, accept, accept6 [2001:db8::]/32",
    "198.51.100.1:25, reject, reject *:25",
    "198.51.100.1:26, accept, accept *:*",
    "0.0.0.0:26, reject, reject 0.0.0.0:*",
    "[::ffff:10.1.2.3]:80, reject, reject private:*",
  })
  void eachDestinationIsDecidedWithItsRule(String destination, String verdict, String rule) {
    assertThat(run(destination + "\n", "--policy=" + POLICY))
        .isEqualTo(new Run(0, verdict + "\t" + rule + "\n", ""));
  }

  @Test
  void rulesMayStandInLinesOfTheirOwn() {
    assertThat(run("192.0.2.1:80\n192.0.2.1:81", "--policy=accept *:80\nreject *").outLines())
        .containsExactly("accept\taccept *:80", "reject\treject *");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "localhost:80",
        "192.0.2.1",
        "192.0.2.1:0",
        "192.0.2.1:65536",
        "2001:db8::1:80",
        "[192.0.2.1]:80",
        "[fe80::1%eth0]:80",
        "192.0.2.1:80 x",
        "",
      })
  void aLineThatIsNoDestinationIsNamedAndTheOthersAreDecided(String bad) {
    var run = run("192.0.2.1:80\n" + bad + "\n192.0.2.1:80\n", "--policy=accept *:80");
    assertThat(run)
        .isEqualTo(
            new Run(
                1,
                "accept\taccept *:80\naccept\taccept *:80\n",
                "standard input:2 \"%s\": must be IP:PORT, IPv6 in brackets, port 1-65535\n"
                    .formatted(bad)));
  }

  @Test
  void aRuleThatTorDoesWithoutIsToldOf() {
    var run = run("192.0.2.1:80", "--policy=reject6 192.0.2.1:*");
    assertThat(run.outLines()).containsExactly("accept\taccept *:*");
    assertThat(run.errLines())
        .singleElement()
        .asString()
        .startsWith("--policy:1: \"reject6 192.0.2.1:*\" is without effect");
  }

  @Test
  void aBadPolicyIsRefusedWithItsPlaceBeforeAnythingIsRead() {
    var run = run("192.0.2.1:80", "--policy=accept *:80\naccept *:80,permit *:81");
    OptionsTest.assertRefused(run);
    assertThat(run.err()).startsWith("--policy:2 rule 2: \"permit *:81\": allowed is accept");
  }

  @Test
  void anUnknownFirewallIsRefused() {
    var run = run("", "--policy=accept *:80", "--render=pf");
    OptionsTest.assertRefused(run);
    assertThat(run.err()).isEqualTo("--render pf: allowed are nft and iptables\n");
  }

  @Test
  @RequiresProgram(value = "nft", root = true)
  void whatIsRenderedForNftablesIsTakenByIt(@TempDir Path directory) throws Exception {
    var run = run("192.0.2.1:80", "--policy=" + POLICY, "--render=nft");
    assertThat(run.exit()).isZero();
    assertThat(run.out()).contains("ip daddr 192.0.2.0/24 tcp dport 80-81 accept");
    takes(directory, run.out(), "nft", "--check", "-f");
  }

  @Test
  @RequiresProgram(
      value = {"iptables-restore", "ip6tables-restore"},
      root = true)
  void whatIsRenderedForIptablesIsTakenByIt(@TempDir Path directory) throws Exception {
    var run = run("", "--policy=" + POLICY, "--render=iptables");
    assertThat(run.exit()).isZero();
    var second = run.out().indexOf("# ip6tables-restore");
    takes(directory, run.out().substring(0, second), "iptables-restore", "--noflush", "--test");
    takes(directory, run.out().substring(second), "ip6tables-restore", "--noflush", "--test");
  }

  /** Lets a program check rules without loading them. */
  private static void takes(Path directory, String rules, String... command)
      throws IOException, InterruptedException {
    var file = Files.writeString(directory.resolve("rules"), rules);
    var all = Arrays.copyOf(command, command.length + 1);
    all[command.length] = file.toString();
    var process = new ProcessBuilder(all).redirectErrorStream(true).start();
    assertThat(process.inputReader().readAllAsString()).isEmpty();
    assertThat(process.waitFor()).isZero();
  }
}
