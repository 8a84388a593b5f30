package dev.cloister.crypto.identity;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;

/** Two engines in one thread, and all that they say to each other. */
final class EnginePair {
  private static final int ROUNDS = 10;
  private static final int FLIGHT_BYTES_MOST = 1 << 16;

  final SSLEngine client;
  final SSLEngine server;

  /** What the client sent, and what the server sent, as the engine gave it. */
  final List<byte[]> fromClient = new ArrayList<>();

  final List<byte[]> fromServer = new ArrayList<>();

  private final ByteBuffer toClient = ByteBuffer.allocate(FLIGHT_BYTES_MOST).flip();
  private final ByteBuffer toServer = ByteBuffer.allocate(FLIGHT_BYTES_MOST).flip();
  private boolean clientSpokeLast;

  EnginePair(SSLEngine client, SSLEngine server) {
    this.client = client;
    this.server = server;
  }

  /** Shakes hands, and then has each side hear what the other may say by itself. */
  EnginePair shakeHands() throws SSLException {
    client.beginHandshake();
    server.beginHandshake();
    for (var i = 0; i < ROUNDS; i++) {
      turn(client, toClient, fromClient, toServer);
      turn(server, toServer, fromServer, toClient);
    }
    return this;
  }

  /** Has one side hear and say what it can. */
  private void turn(SSLEngine side, ByteBuffer heard, List<byte[]> said, ByteBuffer others)
      throws SSLException {
    var moved = true;
    while (moved) {
      runTasks(side);
      if (side.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
        say(side, said, others);
      } else {
        moved = hear(side, heard);
      }
    }
  }

  private void say(SSLEngine side, List<byte[]> said, ByteBuffer others) throws SSLException {
    var record = ByteBuffer.allocate(side.getSession().getPacketBufferSize());
    side.wrap(ByteBuffer.allocate(0), record);
    var bytes = new byte[record.flip().remaining()];
    record.get(bytes);
    others.compact().put(bytes).flip();
    said.add(bytes);
    clientSpokeLast = side.getUseClientMode();
  }

  private static boolean hear(SSLEngine side, ByteBuffer heard) throws SSLException {
    var plain = ByteBuffer.allocate(side.getSession().getApplicationBufferSize());
    return heard.hasRemaining() && side.unwrap(heard, plain).bytesConsumed() > 0;
  }

  private static void runTasks(SSLEngine engine) {
    for (var task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
      task.run();
    }
  }

  boolean isDone() {
    return List.of(client, server).stream()
        .allMatch(engine ->
            engine.getHandshakeStatus() == HandshakeStatus.NOT_HANDSHAKING
                && engine.getSession().isValid());
  }

  /** Tells whether the client spoke last, as it does in a handshake after which no ticket comes. */
  boolean endedWithTheClient() {
    return clientSpokeLast;
  }

  /** Sends a text, and returns what arrived. */
  static String carry(SSLEngine from, SSLEngine to, String text) throws SSLException {
    var record = ByteBuffer.allocate(from.getSession().getPacketBufferSize());
    from.wrap(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), record);
    var plain = ByteBuffer.allocate(to.getSession().getApplicationBufferSize());
    to.unwrap(record.flip(), plain);
    return StandardCharsets.UTF_8.decode(plain.flip()).toString();
  }
}
