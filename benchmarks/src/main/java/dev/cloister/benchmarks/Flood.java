package dev.cloister.benchmarks;

import dev.cloister.core.Denied;
import dev.cloister.core.token.Token;
import dev.cloister.sandbox.session.CellClient;
import dev.cloister.sandbox.session.RemoteCell;
import dev.cloister.sandbox.session.RemoteGrant;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** What strangers do to a node whose place they know, until they are interrupted. */
enum Flood {
  LORIS("slow loris: 400 connections that say a byte each 100 ms") {
    private static final int CONNECTIONS = 400;
    private static final int PAUSE_MILLIS = 100;

    // How a handshake begins.
    private static final byte[] BEGINNING = {22, 3, 1, 2, 0, 1, 0, 1, (byte) 0xfc, 3, 3};

    private record Slow(SocketChannel channel, int said) {}

    @Override
    void run(InetSocketAddress node, CellClient client) throws IOException, InterruptedException {
      var all = new ArrayDeque<Slow>();
      try {
        while (true) {
          while (all.size() < CONNECTIONS) {
            all.addLast(new Slow(SocketChannel.open(node), 0));
          }
          for (var i = 0; i < CONNECTIONS; i++) {
            sayMore(all.removeFirst(), all);
          }
          TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
        }
      } finally {
        for (var slow : all) {
          slow.channel.close();
        }
      }
    }

    private void sayMore(Slow slow, Deque<Slow> all) throws IOException {
      try {
        var next = slow.said < BEGINNING.length ? BEGINNING[slow.said] : 0;
        slow.channel.write(ByteBuffer.wrap(new byte[] {next}));
        all.addLast(new Slow(slow.channel, slow.said + 1));
      } catch (IOException _) {
        // The node has ended it; another takes its place.
        slow.channel.close();
      }
    }
  },

  HALF_OPEN("half-open: 200 connections a second that say nothing") {
    private static final int CONNECTIONS = 1000;
    private static final int PAUSE_MILLIS = 5;

    @Override
    void run(InetSocketAddress node, CellClient client) throws IOException, InterruptedException {
      var all = new ArrayDeque<SocketChannel>();
      try {
        while (true) {
          all.addLast(SocketChannel.open(node));
          if (all.size() > CONNECTIONS) {
            all.removeFirst().close();
          }
          TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
        }
      } finally {
        for (var channel : all) {
          channel.close();
        }
      }
    }
  },

  GUESSING("token guessing: 200 a second in 8 conversations") {
    private static final int CONVERSATIONS = 8;
    private static final int PAUSE_MILLIS = 5;

    @Override
    void run(InetSocketAddress node, CellClient client) throws IOException, InterruptedException {
      var random = new Random();
      var guessers = new ArrayList<RemoteCell>();
      try {
        for (var i = 0; i < CONVERSATIONS; i++) {
          guessers.add(client.open(guessed(random)));
        }
        for (var turn = 0; ; turn++) {
          guess(guessers.get(turn % CONVERSATIONS));
          TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
        }
      } finally {
        guessers.forEach(RemoteCell::close);
      }
    }

    private RemoteGrant guessed(Random random) {
      var token = new byte[Token.BYTES];
      random.nextBytes(token);
      var text =
          "cloister grant 1\nnode node\ninvocation %s\nlast -1\n"
              .formatted(Base64.getUrlEncoder().encodeToString(token));
      return RemoteGrant.parse(text.getBytes(StandardCharsets.US_ASCII));
    }

    private void guess(RemoteCell cell) throws IOException {
      try {
        cell.send(new byte[0]);
        throw new IOException("a guessed token was taken");
      } catch (Denied _) {
        // As every guess.
      }
    }
  };

  private final String title;

  Flood(String title) {
    this.title = title;
  }

  String title() {
    return title;
  }

  /** Goes on until it is interrupted. */
  abstract void run(InetSocketAddress node, CellClient client)
      throws IOException, InterruptedException;
}
