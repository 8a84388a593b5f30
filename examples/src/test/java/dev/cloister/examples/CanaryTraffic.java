package dev.cloister.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cloister.tracing.testing.Endpoint;
import dev.cloister.tracing.testing.HttpTraffic;
import dev.cloister.tracing.testing.Packets;
import dev.cloister.tracing.testing.PcapWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import java.util.zip.GZIPOutputStream;

/** Generated HTTP traffic with canaries strewn all over it, in every place that traffic has. */
final class CanaryTraffic {
  private static final int PCAP_HEADER_BYTES = 24;
  private static final int CONVERSATIONS_A_BURST = 50;
  private static final int REQUESTS_A_BURST = 1300;
  private static final int BODY_BYTES = 6000;

  private final Canary url;
  private final Canary header;
  private final Canary body;
  private final Canary zipped;
  private final List<InetAddress> ipv4;
  private final List<InetAddress> ipv6;
  private int port = 20_000;
  private long micros = 1_600_000_000_000_000L;

  CanaryTraffic(long seed) {
    var random = new Random(seed);
    this.url =
        Canary.text("URL", "/%s?to=%s@example&next=/in box".formatted(word(random), word(random)));
    this.header = Canary.text("header", "\"%s\" <%s> ütf".formatted(word(random), word(random)));
    this.body = Canary.text("body", "{\"%s\": \"<%s>\"}".formatted(word(random), word(random)));
    this.zipped = Canary.text("compressed body", word(random) + " " + word(random));
    this.ipv4 = List.of(address(random, 4), address(random, 4));
    this.ipv6 = List.of(address(random, 16), address(random, 16));
  }

  private static String word(RandomGenerator random) {
    return Canary.token(random);
  }

  /** An address whose text is long: every octet from 100 on, every group of four digits. */
  private static InetAddress address(RandomGenerator random, int sizeBytes) {
    var bytes = new byte[sizeBytes];
    for (var i = 0; i < sizeBytes; i++) {
      bytes[i] = (byte) random.nextInt(100, 200);
    }
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("addresses have 4 or 16 bytes", e);
    }
  }

  /** All that is planted; what is compressed on the wire is one of them. */
  List<Canary> canaries() {
    return List.of(
        url,
        header,
        body,
        zipped,
        Canary.text("IPv4 client", ipv4.getFirst().getHostAddress()),
        Canary.text("IPv4 server", ipv4.getLast().getHostAddress()),
        Canary.text("IPv6 client", ipv6.getFirst().getHostAddress()),
        Canary.text("IPv6 server", ipv6.getLast().getHostAddress()),
        Canary.binary("IPv4 header", bytes(ipv4)),
        Canary.binary("IPv6 header", bytes(ipv6)));
  }

  /** The addresses as they follow each other in a packet; four bytes alone are there by chance. */
  private static byte[] bytes(List<InetAddress> ends) {
    var client = ends.getFirst().getAddress();
    return ByteBuffer.allocate(2 * client.length)
        .put(client)
        .put(ends.getLast().getAddress())
        .array();
  }

  /** Writes about 8 MB of traffic a burst, with canaries before and after each. */
  void write(Path file, int bursts) throws IOException {
    var part = file.resolveSibling(file.getFileName() + ".part");
    try (var out = Files.newOutputStream(file)) {
      var skipped = 0;
      for (var burst = 0; burst < bursts; burst++) {
        writeCanaries(part);
        append(out, part, skipped);
        skipped = PCAP_HEADER_BYTES;
        HttpTraffic.of(REQUESTS_A_BURST).meanBodyBytes(BODY_BYTES).seed(burst).write(part);
        append(out, part, skipped);
      }
      writeCanaries(part);
      append(out, part, skipped);
    } finally {
      Files.deleteIfExists(part);
    }
  }

  private static void append(OutputStream out, Path part, int skipped) throws IOException {
    var bytes = Files.readAllBytes(part);
    out.write(bytes, skipped, bytes.length - skipped);
  }

  private void writeCanaries(Path file) throws IOException {
    try (var pcap = PcapWriter.to(file)) {
      for (var i = 0; i < CONVERSATIONS_A_BURST; i++) {
        for (var ends : List.of(ipv4, ipv6)) {
          converse(pcap, new Endpoint(ends.getFirst(), port), new Endpoint(ends.getLast(), 80));
        }
        port++;
      }
    }
  }

  private void converse(PcapWriter pcap, Endpoint client, Endpoint server) throws IOException {
    var request =
        "POST %s HTTP/1.1\r\nHost: example.com\r\nX-Canary: %s\r\nContent-Length: %d\r\n\r\n%s"
            .formatted(url.asText(), header.asText(), body.bytes().length, body.asText())
            .getBytes(UTF_8);
    var response = response();
    write(pcap, Packets.tcp(client, server, 0, 0, Packets.SYN, new byte[0]));
    write(pcap, Packets.tcp(server, client, 0, 1, Packets.SYN | Packets.ACK, new byte[0]));
    write(pcap, Packets.tcp(client, server, 1, 1, Packets.ACK, request));
    write(pcap, Packets.tcp(server, client, 1, 1 + request.length, Packets.ACK, response));
  }

  private byte[] response() throws IOException {
    var content = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(content)) {
      gzip.write(zipped.bytes());
    }
    var message = new ByteArrayOutputStream();
    message.writeBytes(
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n"
            .formatted(content.size())
            .getBytes(UTF_8));
    message.writeBytes(content.toByteArray());
    return message.toByteArray();
  }

  private void write(PcapWriter pcap, byte[] frame) throws IOException {
    pcap.write(1000 * micros++, frame);
  }
}
