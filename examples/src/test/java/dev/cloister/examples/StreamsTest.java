package dev.cloister.examples;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.Description;
import dev.cloister.tracing.testing.Endpoint;
import dev.cloister.tracing.testing.Packets;
import dev.cloister.tracing.testing.PcapWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The table of streams, column by column. */
final class StreamsTest {
  private static final Endpoint CLIENT = Endpoint.of("192.0.2.1", 40_000);
  private static final Endpoint SERVER = Endpoint.of("192.0.2.2", 80);

  @TempDir private Path directory;

  /** Writes a capture, a millisecond a frame. */
  private Path capture(byte[]... frames) throws IOException {
    var file = directory.resolve("capture.pcap");
    try (var pcap = PcapWriter.to(file)) {
      for (var i = 0; i < frames.length; i++) {
        pcap.write(1_000_000L * (i + 1), frames[i]);
      }
    }
    return file;
  }

  private static byte[] fromClient(int sequence, String data) {
    return Packets.tcp(CLIENT, SERVER, sequence, 1, Packets.ACK, data.getBytes(US_ASCII));
  }

  private static byte[] fromServer(int sequence, String data) {
    return Packets.tcp(SERVER, CLIENT, sequence, 1, Packets.ACK, data.getBytes(US_ASCII));
  }

  private static byte[] syn(int sequence) {
    return Packets.tcp(CLIENT, SERVER, sequence, 0, Packets.SYN, new byte[0]);
  }

  private static Run streams(Path file, String... options) {
    var arguments = Arrays.copyOf(options, options.length + 1);
    arguments[options.length] = "--in=" + file;
    return Run.of(new Streams(), arguments);
  }

  private static String sha256(String text) {
    return Description.sha256Hex(text.getBytes(US_ASCII));
  }

  /** Returns a line of the table. */
  private static String line(Object... columns) {
    return String.join("\t", Arrays.stream(columns).map(String::valueOf).toList()) + "\n";
  }

  @Test
  void aDirectionIsALineOfTenColumnsAndNothingElseIsSaid() throws IOException {
    var file = capture(syn(9), fromClient(10, "GET"), fromServer(500, "OK"), fromClient(13, " /"));
    assertThat(streams(file))
        .isEqualTo(
            new Run(
                0,
                line(0, "192.0.2.1:40000", "192.0.2.2:80", 5, 5, sha256("GET /"), 0, 0, 0, "-")
                    + line(0, "192.0.2.2:80", "192.0.2.1:40000", 2, 2, sha256("OK"), 0, 0, 0, "-"),
                ""));
  }

  @Test
  void holesAreListedWithTheirStartAndLengthAndEndThePrefix() throws IOException {
    var file = capture(syn(9), fromClient(12, "cd"), fromClient(17, "h"), fromClient(20, "klm"));
    assertThat(streams(file).out())
        .isEqualTo(
            line(
                0,
                "192.0.2.1:40000",
                "192.0.2.2:80",
                13,
                0,
                sha256(""),
                2 + 3 + 2,
                0,
                0,
                "0+2,4+3,8+2"));
  }

  @Test
  void withoutASynTheSpanBeginsAtTheLowestNumber() throws IOException {
    var file = capture(fromClient(105, "fgh"), fromClient(100, "abcde"));
    var ends = "0\t192.0.2.1:40000\t192.0.2.2:80\t8\t8\t";
    assertThat(streams(file))
        .isEqualTo(new Run(0, ends + sha256("abcdefgh") + "\t0\t0\t0\t-\n", ""));
  }

  @Test
  void theFirstCopyWinsUnlessTheLastIsAskedFor() throws IOException {
    var file =
        capture(
            syn(9),
            fromClient(10, "ab"),
            fromClient(14, "EF"),
            fromClient(14, "ef"),
            fromClient(12, "cd"));
    var ends = "0\t192.0.2.1:40000\t192.0.2.2:80\t6\t6\t";
    assertThat(streams(file).out()).isEqualTo(ends + sha256("abcdEF") + "\t0\t2\t2\t-\n");
    assertThat(streams(file, "--overlap=first").out()).isEqualTo(streams(file).out());
    assertThat(streams(file, "--overlap=first-wins").out()).isEqualTo(streams(file).out());
    assertThat(streams(file, "--overlap=last").out())
        .isEqualTo(ends + sha256("abcdef") + "\t0\t2\t2\t-\n");
  }

  @Test
  void aRetransmissionIsDuplicateAndNotConflicting() throws IOException {
    var file = capture(syn(9), fromClient(10, "abc"), fromClient(10, "abc"), fromClient(12, "cd"));
    assertThat(streams(file).out())
        .isEqualTo(line(0, "192.0.2.1:40000", "192.0.2.2:80", 4, 4, sha256("abcd"), 0, 4, 0, "-"));
  }

  @Test
  void connectionsCountInTheOrderOfTheirFirstPacketAndSilentOnesHaveNoLine() throws IOException {
    var silent = Endpoint.of("2001:db8::9", 1);
    var ipv6 = Endpoint.of("2001:db8::1", 50_000);
    var web = Endpoint.of("2001:db8::2", 443);
    var file =
        capture(
            Packets.tcp(silent, web, 1, 0, Packets.SYN, new byte[0]),
            Packets.tcp(ipv6, web, 1, 0, Packets.SYN, new byte[0]),
            syn(1),
            fromClient(2, "x"),
            Packets.tcp(web, ipv6, 7, 1, Packets.ACK, new byte[] {'y'}));
    assertThat(streams(file).out())
        .isEqualTo(
            line(1, "2001:db8::2:443", "2001:db8::1:50000", 1, 1, sha256("y"), 0, 0, 0, "-")
                + line(2, "192.0.2.1:40000", "192.0.2.2:80", 1, 1, sha256("x"), 0, 0, 0, "-"));
  }

  @Test
  void aSynWithAnotherNumberBeginsAnotherStream() throws IOException {
    var file = capture(syn(9), fromClient(10, "a"), syn(5000), fromClient(5001, "b"));
    assertThat(streams(file).outLines())
        .extracting(line -> line.split("\t", -1)[0])
        .containsExactly("0", "1");
  }

  @Test
  void whatStandsBeforeTheDamageIsShownAndTheDamageIsNamed() throws IOException {
    var file = capture(syn(9), fromClient(10, "abc"), fromClient(13, "lost"));
    var whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, whole.length - 2));
    var run = streams(file);
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.outLines()).hasSize(1).first().asString().contains("\t3\t3\t" + sha256("abc"));
    var lastRecord = whole.length - 16 - fromClient(13, "lost").length;
    assertThat(run.errLines())
        .hasSize(1)
        .first()
        .asString()
        .contains("damaged at byte " + lastRecord);
  }

  @Test
  void aBadFileOrPolicyIsRefusedInOneLine() throws IOException {
    OptionsTest.assertRefused(streams(directory.resolve("none")));
    OptionsTest.assertRefused(streams(directory));
    OptionsTest.assertRefused(streams(Files.writeString(directory.resolve("text"), "text")));
    OptionsTest.assertRefused(streams(capture(), "--overlap=linux"));
    assertThat(streams(capture())).isEqualTo(new Run(0, "", ""));
  }
}
