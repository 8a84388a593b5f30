package dev.cloister.tracing.testing;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** One run of {@link HttpTraffic}: the connections, and their packets. */
final class HttpGeneration {
  private static final int SEGMENT_BYTES = 1448;
  private static final int IP = 14;
  private static final int TCP = IP + 20;
  private static final int HEAD_BYTES = TCP + 32;

  private final HttpTraffic traffic;
  private final PcapWriter out;
  private final SplittableRandom random;
  private final HttpMessages messages;
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

  HttpGeneration(HttpTraffic traffic, PcapWriter out) {
    this.traffic = traffic;
    this.out = out;
    this.random = new SplittableRandom(traffic.seed());
    this.messages = new HttpMessages(random, traffic.meanBodyBytes());
  }

  HttpTraffic.Truth run() throws IOException {
    @Nullable Conversation[] open = new Conversation[traffic.concurrent()];
    Deque<Integer> live = new ArrayDeque<>();
    while (given < traffic.requests() || !live.isEmpty()) {
      var slot = random.nextInt(traffic.concurrent());
      if (open[slot] == null && given >= traffic.requests()) {
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
    return new HttpTraffic.Truth(
        packets,
        fileBytes,
        connections,
        given,
        given,
        clientBytes,
        serverBytes,
        swapped,
        retransmitted,
        overlapping);
  }

  private Conversation begin() throws IOException {
    var left = Math.min(traffic.requestsPerConnection(), traffic.requests() - given);
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
    var length = random.nextInt(5) == 0 ? messages.post(user, number) : messages.get(user, number);
    clientBytes += length;
    send(c, true, length);
    var answer = random.nextInt(10) < 3 ? messages.chunked() : messages.counted(number);
    serverBytes += answer;
    send(c, false, answer);
  }

  /** Sends a message in segments, with an acknowledgement for every other one. */
  private void send(Conversation c, boolean isClient, int length) throws IOException {
    var base = isClient ? c.clientSequence : c.serverSequence;
    var unacknowledged = 0;
    for (var at = 0; at < length; ) {
      var piece = Math.min(SEGMENT_BYTES, length - at);
      var next = Math.min(SEGMENT_BYTES, length - at - piece);
      var chance = random.nextInt(1000);
      if (!isClient && next > 0 && chance < traffic.swapPerMille()) {
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
    if (chance >= 1000 - traffic.retransmitPerMille()) {
      data(c, false, base, at, piece);
      retransmitted++;
    } else if (at > 0
        && chance >= 1000 - traffic.retransmitPerMille() - traffic.overlapPerMille()) {
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
    frame.put(messages.bytes(), from, length);
    emit();
  }

  /** Ethernet, IPv4, TCP with a timestamp option, as Linux sends them; the checksums come last. */
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
    var bytes = frame.array();
    var length = frame.position();
    Packets.put16(bytes, IP + 10, Packets.checksum(bytes, IP, TCP - IP, 0));
    var pseudo = Packets.sum(bytes, IP + 12, 8) + Packets.TCP + length - TCP;
    Packets.put16(bytes, TCP + 16, Packets.checksum(bytes, TCP, length - TCP, pseudo));
    out.write(micros * 1000, bytes, 0, length, length);
    packets++;
    fileBytes += 16 + length;
  }
}
