package dev.cloister.tracing.capture;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.cloister.core.testing.RequiresProgram;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Programs of the kernel's filter machine, as tcpdump prints them and as libpcap compiles them. */
final class PacketFilterTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tcp port 80",
        "ip6 and not icmp6",
        "udp src port 53 or host 192.0.2.1",
        "greater 1000",
        "less 64 or (tcp[tcpflags] & tcp-syn != 0)",
      })
  @RequiresProgram("tcpdump")
  void anExpressionIsTheProgramThatTcpdumpPrints(String expression) throws IOException {
    var tcpdump =
        new ProcessBuilder("tcpdump", "-ddd", "-y", "EN10MB", "-s", "0", expression)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    var text = new String(tcpdump.getInputStream().readAllBytes(), US_ASCII);
    var compiled = PacketFilter.compile(expression, 1);
    assertThat(compiled.program(4096)).isEqualTo(PacketFilter.parse(text).program(4096));
    assertThat(compiled.toString()).hasSizeGreaterThan(17);
  }

  @Test
  void whatReturnsMoreThanIsWantedReturnsThat() {
    var bounded =
        ByteBuffer.wrap(PacketFilter.parse("3\n6 0 0 262144\n6 0 0 10\n22 0 0 262144").program(96))
            .order(ByteOrder.nativeOrder());
    assertThat(bounded.getInt(4)).isEqualTo(96);
    assertThat(bounded.getInt(12)).isEqualTo(10);
    // That one returns the accumulator.
    assertThat(bounded.getInt(20)).isEqualTo(262_144);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0                  | filter, line 1: 0 instructions are announced, 0 follow: give what"
            + " tcpdump -ddd prints",
        "2; 6 0 0 1         | filter, line 1: 2 instructions are announced, 1 follow: give what"
            + " tcpdump -ddd prints",
        "tcp port 80        | filter, line 1: tcp port 80 in \"tcp port 80\": allowed are numbers"
            + " from 0 to 4096",
        "4097               | filter, line 1: 4097 in \"4097\": allowed are numbers from 0 to 4096",
        "1; 6 0 1           | filter, line 2: \"6 0 1\": four numbers make an instruction",
        "1; 6 0 256 1       | filter, line 2: 256 in \"6 0 256 1\": allowed are numbers from 0 to"
            + " 255",
        "2; 6 0 0 1; 6 0 0 -1 | filter, line 3: -1 in \"6 0 0 -1\": allowed are numbers from 0 to"
            + " 4294967295",
      })
  void whatIsNoProgramIsNamedByItsLine(String text, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PacketFilter.parse(text.replaceAll("; ?", "\n")))
        .withMessage(message);
  }

  @Test
  void nothingIsNoProgram() {
    assertThatIllegalArgumentException().isThrownBy(() -> PacketFilter.parse(" \n"));
  }

  @Test
  @RequiresProgram("tcpdump")
  void whatIsNoExpressionIsToldInTheWordsOfLibpcap() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PacketFilter.compile("tcp prot 80", 1))
        .withMessageStartingWith("filter \"tcp prot 80\": ")
        .withMessageContaining("syntax error");
  }
}
