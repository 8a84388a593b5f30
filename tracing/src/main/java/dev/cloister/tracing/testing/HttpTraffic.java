package dev.cloister.tracing.testing;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Generates HTTP connections as packets, with their truth: the same settings give the same file,
 * and the numbers that any reader of it must find. Four of five requests are GETs of about 350
 * bytes, the others POSTs of a form; three of ten responses are chunked. Segments of data from the
 * server can be swapped with the next, sent again, or sent again with a shifted window, always with
 * the same bytes.
 *
 * <p>Immutable: each setting gives another generator.
 *
 * @param requests how many in all
 * @param requestsPerConnection how many a connection carries
 * @param concurrent how many connections are open at once
 * @param meanBodyBytes the mean length of a response's content
 * @param seed where chance begins
 * @param swapPerMille how many of a thousand segments are swapped with the next
 * @param retransmitPerMille how many of a thousand are sent twice
 * @param overlapPerMille how many of a thousand are sent again from an earlier byte on
 */
public record HttpTraffic(
    long requests,
    int requestsPerConnection,
    int concurrent,
    int meanBodyBytes,
    long seed,
    int swapPerMille,
    int retransmitPerMille,
    int overlapPerMille) {

  private static final int SEGMENT_BYTES = 1448;
  private static final int HEAD_BYTES = 14 + 20 + 32;
  private static final int CHUNK_BYTES = 1000;
  private static final int TEXT_BYTES = 1 << 20;

  /**
   * What a generated file holds.
   *
   * @param packets how many packets
   * @param fileBytes how large the file is
   * @param connections how many connections
   * @param requests how many requests
   * @param responses how many responses
   * @param clientBytes how many bytes of streams from clients
   * @param serverBytes how many bytes of streams from servers
   * @param swapped how many pairs of segments were swapped
   * @param retransmitted how many segments were sent again
   * @param overlapping how many segments were sent again with a shifted window
   */
  public record Truth(
      long packets,
      long fileBytes,
      long connections,
      long requests,
      long responses,
      long clientBytes,
      long serverBytes,
      long swapped,
      long retransmitted,
      long overlapping) {}

  /** Checks the settings. */
  public HttpTraffic {
    if (requests < 1 || requestsPerConnection < 1 || concurrent < 1 || meanBodyBytes < 1) {
      throw new IllegalArgumentException(
          "requests %d, requestsPerConnection %d, concurrent %d, meanBodyBytes %d: at least 1 each"
              .formatted(requests, requestsPerConnection, concurrent, meanBodyBytes));
    }
    if (2 * meanBodyBytes > TEXT_BYTES) {
      throw new IllegalArgumentException("meanBodyBytes " + meanBodyBytes + ": at most 524288");
    }
  }

  /**
   * Starts with clean traffic: 10 requests a connection, 1000 connections at once, contents of 400
   * bytes.
   *
   * @param requests how many in all
   * @return a generator
   */
  public static HttpTraffic of(long requests) {
    return new HttpTraffic(requests, 10, 1000, 400, 42, 0, 0, 0);
  }

  /**
   * Sets where chance begins.
   *
   * @param start any number
   * @return a generator with that
   */
  public HttpTraffic seed(long start) {
    return new HttpTraffic(
        requests,
        requestsPerConnection,
        concurrent,
        meanBodyBytes,
        start,
        swapPerMille,
        retransmitPerMille,
        overlapPerMille);
  }

  /**
   * Sets how long contents are.
   *
   * @param bytes the mean, up to 524288
   * @return a generator with that
   */
  public HttpTraffic meanBodyBytes(int bytes) {
    return new HttpTraffic(
        requests,
        requestsPerConnection,
        concurrent,
        bytes,
        seed,
        swapPerMille,
        retransmitPerMille,
        overlapPerMille);
  }

  /**
   * Sets how connections share the link.
   *
   * @param perConnection how many requests a connection carries
   * @param atOnce how many connections are open at once
   * @return a generator with that
   */
  public HttpTraffic connections(int perConnection, int atOnce) {
    return new HttpTraffic(
        requests,
        perConnection,
        atOnce,
        meanBodyBytes,
        seed,
        swapPerMille,
        retransmitPerMille,
        overlapPerMille);
  }

  /**
   * Makes the link a bad one.
   *
   * @param swaps how many of a thousand segments are swapped with the next
   * @param retransmissions how many of a thousand are sent twice
   * @param overlaps how many of a thousand are sent again from an earlier byte on
   * @return a generator with that
   */
  public HttpTraffic dirt(int swaps, int retransmissions, int overlaps) {
    return new HttpTraffic(
        requests,
        requestsPerConnection,
        concurrent,
        meanBodyBytes,
        seed,
        swaps,
        retransmissions,
        overlaps);
  }

  /**
   * Generates the packets.
   *
   * @param file where they go, as a capture file
   * @return what the file holds
   * @throws IOException when the file cannot be written
   */
  public Truth write(Path file) throws IOException {
    try (var out = PcapWriter.to(file)) {
      return new Generation(out).run();
    }
  }

  /** One connection that is open. */
  private static final class Conversation {
    final int client;
    final int server;
    final int port;
    int clientSequence;
    int serverSequence;
    long left;

    Conversation(SplittableRandom random, long requests) {
      this.client = 0x0a000000 | random.nextInt(1 << 24);
      this.server = 0xc6336400 | (1 + random.nextInt(250));
      this.port = 1024 + random.nextInt(64_000);
      this.clientSequence = random.nextInt();
      this.serverSequence = random.nextInt();
      this.left = requests;
    }
  }

  /** One run of the generator. */
  private final class Generation {
    private final PcapWriter out;
    private final SplittableRandom random = new SplittableRandom(seed);
    private final byte[] text = new byte[TEXT_BYTES];
    private final byte[] message = new byte[2 * TEXT_BYTES];
    private final ByteBuffer frame = ByteBuffer.allocate(HEAD_BYTES + SEGMENT_BYTES);
    private long micros = 1_700_000_000_000_000L;
    private long packets;
    private long fileBytes = 24;
    private long connections;
    private long given;
    private long clientBytes;
    private long serverBytes;
    private long swapped;
    private long retransmitted;
    private long overlapping;

    Generation(PcapWriter out) {
      this.out = out;
      var phrase = "<p>lorem ipsum dolor sit amet</p>\n".getBytes(StandardCharsets.US_ASCII);
      for (var i = 0; i < text.length; i++) {
        text[i] = phrase[random.nextInt(phrase.length)];
      }
    }

    Truth run() throws IOException {
      @Nullable Conversation[] open = new Conversation[concurrent];
      Deque<Integer> live = new ArrayDeque<>();
      while (given < requests || !live.isEmpty()) {
        var slot = random.nextInt(concurrent);
        if (open[slot] == null && given >= requests) {
          slot = live.peekFirst();
        }
        var conversation = open[slot];
        if (conversation == null) {
          open[slot] = begin();
          live.addLast(slot);
        } else if (conversation.left > 0) {
          exchange(conversation);
          conversation.left--;
        } else {
          end(conversation);
          open[slot] = null;
          live.remove(slot);
        }
      }
      return new Truth(
          packets,
          fileBytes,
          connections,
          requests,
          requests,
          clientBytes,
          serverBytes,
          swapped,
          retransmitted,
          overlapping);
    }

    private Conversation begin() throws IOException {
      var left = Math.min(requestsPerConnection, requests - given);
      var opened = new Conversation(random, left);
      given += left;
      connections++;
      packet(opened, true, opened.clientSequence++, Packets.SYN, 0, 0);
      packet(opened, false, opened.serverSequence++, Packets.SYN | Packets.ACK, 0, 0);
      packet(opened, true, opened.clientSequence, Packets.ACK, 0, 0);
      return opened;
    }

    private void end(Conversation c) throws IOException {
      packet(c, true, c.clientSequence++, Packets.FIN | Packets.ACK, 0, 0);
      packet(c, false, c.serverSequence++, Packets.FIN | Packets.ACK, 0, 0);
      packet(c, true, c.clientSequence, Packets.ACK, 0, 0);
    }

    private void exchange(Conversation c) throws IOException {
      var user = random.nextInt(200_000);
      var number = random.nextInt();
      var length = random.nextInt(5) == 0 ? post(user, number) : get(user, number);
      clientBytes += length;
      send(c, true, length);
      var answer = random.nextInt(10) < 3 ? chunked() : counted(number);
      serverBytes += answer;
      send(c, false, answer);
    }

    private int head(String head) {
      var bytes = head.getBytes(StandardCharsets.US_ASCII);
      System.arraycopy(bytes, 0, message, 0, bytes.length);
      return bytes.length;
    }

    private static String common(int user, int number) {
      return "Host: mail%d.example.com\r\n".formatted(user % 8)
          + "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/115.0\r\n"
          + "Cookie: sid=%08x%08x; user=user%d\r\n".formatted(user * 31, number, user)
          + "Referer: http://mail.example.com/inbox\r\n";
    }

    private int get(int user, int number) {
      return head(
          "GET /mail/read?u=%d&msg=%d HTTP/1.1\r\n".formatted(user, number & 0x7fffffff)
              + common(user, number)
              + "Accept: text/html,*/*;q=0.8\r\nAccept-Language: en-US\r\n\r\n");
    }

    private int post(int user, int number) {
      var form = "to=user%d%%40example.org&subject=%d&body=".formatted(user, number & 0x7fffffff);
      var bodyBytes = 100 + random.nextInt(700);
      var at =
          head(
              "POST /mail/compose?u=%d HTTP/1.1\r\n".formatted(user)
                  + common(user, number)
                  + "Content-Type: application/x-www-form-urlencoded\r\n"
                  + "Content-Length: %d\r\n\r\n".formatted(form.length() + bodyBytes)
                  + form);
      Arrays.fill(message, at, at + bodyBytes, (byte) 'x');
      return at + bodyBytes;
    }

    private int bodyBytes() {
      return 1 + random.nextInt(2 * meanBodyBytes);
    }

    private int counted(int number) {
      var length = bodyBytes();
      var at =
          head(
              "HTTP/1.1 200 OK\r\nServer: generated/1\r\nContent-Type: text/html; charset=utf-8\r\n"
                  + "Set-Cookie: sid=%08x\r\nContent-Length: %d\r\n\r\n".formatted(number, length));
      System.arraycopy(text, random.nextInt(TEXT_BYTES - length), message, at, length);
      return at + length;
    }

    private int chunked() {
      var left = bodyBytes();
      var from = random.nextInt(TEXT_BYTES - left);
      var at =
          head(
              """
              HTTP/1.1 200 OK\r
              Server: generated/1\r
              Content-Type: text/html; charset=utf-8\r
              Transfer-Encoding: chunked\r
              \r
              """);
      while (left > 0) {
        var piece = Math.min(CHUNK_BYTES, left);
        at = put(at, Integer.toHexString(piece) + "\r\n");
        System.arraycopy(text, from, message, at, piece);
        at = put(at + piece, "\r\n");
        from += piece;
        left -= piece;
      }
      return put(at, "0\r\n\r\n");
    }

    private int put(int at, String ascii) {
      var bytes = ascii.getBytes(StandardCharsets.US_ASCII);
      System.arraycopy(bytes, 0, message, at, bytes.length);
      return at + bytes.length;
    }

    /** Sends a message in segments, with an acknowledgement for every other one. */
    private void send(Conversation c, boolean isClient, int length) throws IOException {
      var base = isClient ? c.clientSequence : c.serverSequence;
      var unacknowledged = 0;
      for (var at = 0; at < length; ) {
        var piece = Math.min(SEGMENT_BYTES, length - at);
        var next = Math.min(SEGMENT_BYTES, length - at - piece);
        var chance = random.nextInt(1000);
        if (!isClient && next > 0 && chance < swapPerMille) {
          data(c, isClient, base, at + piece, next);
          data(c, isClient, base, at, piece);
          swapped++;
          piece += next;
          unacknowledged += 2;
        } else {
          data(c, isClient, base, at, piece);
          unacknowledged++;
          again(c, isClient, base, at, piece, chance);
        }
        at += piece;
        if (unacknowledged >= 2 || at == length) {
          acknowledge(c, isClient, base + at);
          unacknowledged = 0;
        }
      }
      if (isClient) {
        c.clientSequence += length;
      } else {
        c.serverSequence += length;
      }
    }

    private void again(Conversation c, boolean isClient, int base, int at, int piece, int chance)
        throws IOException {
      if (isClient) {
        return;
      }
      if (chance >= 1000 - retransmitPerMille) {
        data(c, false, base, at, piece);
        retransmitted++;
      } else if (at > 0 && chance >= 1000 - retransmitPerMille - overlapPerMille) {
        var back = 1 + random.nextInt(Math.min(at, 700));
        data(c, false, base, at - back, piece);
        overlapping++;
      }
    }

    private void data(Conversation c, boolean isClient, int base, int at, int length)
        throws IOException {
      packet(c, isClient, base + at, Packets.PSH | Packets.ACK, at, length);
    }

    private void acknowledge(Conversation c, boolean isClient, int number) throws IOException {
      var sequence = isClient ? c.serverSequence : c.clientSequence;
      header(c, !isClient, sequence, number, Packets.ACK, 0);
      emit();
    }

    private void packet(
        Conversation c, boolean isClient, int sequence, int flags, int from, int length)
        throws IOException {
      var acknowledged = isClient ? c.serverSequence : c.clientSequence;
      header(c, isClient, sequence, (flags & Packets.ACK) == 0 ? 0 : acknowledged, flags, length);
      frame.put(message, from, length);
      emit();
    }

    /** Ethernet, IPv4, TCP with a timestamp option, as Linux sends them; no checksums. */
    private void header(
        Conversation c, boolean isClient, int sequence, int acknowledged, int flags, int length) {
      frame.clear();
      frame.putLong(0x0200000000020200L).putInt(1).putShort((short) 0x0800);
      frame.putShort((short) 0x4500).putShort((short) (52 + length));
      frame.putInt((int) (packets << Short.SIZE) | 0x4000);
      frame.putShort((short) 0x4006).putShort((short) 0);
      frame.putInt(isClient ? c.client : c.server).putInt(isClient ? c.server : c.client);
      frame.putShort((short) (isClient ? c.port : 80)).putShort((short) (isClient ? 80 : c.port));
      frame.putInt(sequence).putInt(acknowledged);
      frame.put((byte) 0x80).put((byte) flags).putShort((short) 0xffff).putInt(0);
      frame.putInt(0x0101080a).putInt((int) (micros / 1000)).putInt((int) (micros / 1000) - 3);
    }

    private void emit() throws IOException {
      micros += 2 + random.nextInt(8);
      var length = frame.position();
      out.write(micros * 1000, frame.array(), 0, length, length);
      packets++;
      fileBytes += 16 + length;
    }
  }
}
