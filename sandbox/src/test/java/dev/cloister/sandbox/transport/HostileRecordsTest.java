package dev.cloister.sandbox.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cloister.core.TimeSource;
import dev.cloister.sandbox.session.CellChannel;
import dev.cloister.sandbox.testing.CellChannels;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.BitSet;
import java.util.HexFormat;
import java.util.Random;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What comes from somebody who is not, or not only, the other side. */
final class HostileRecordsTest {
  private static final int NOWHERE = -1;
  private static final byte[] SAID = {1, 2, 3, 4, 5};
  private static final int RECORD_HEAD_BYTES = 5;

  private final Ends ends = new Ends(Duration.ofSeconds(1));

  @AfterEach
  void end() {
    ends.close();
  }

  /** Both ends, each of which hears what a channel makes of the other's bytes. */
  private final class Attempt {
    final Tampering toClient;
    final Tampering toServer;

    Attempt(int clientOffset, int serverOffset, int flip) {
      var bare = CellChannels.pair();
      toClient = new Tampering(bare.client(), clientOffset, flip);
      toServer = new Tampering(bare.server(), serverOffset, flip);
    }

    /** Connects, has each side say something, and returns whether that succeeded. */
    boolean succeeds() throws IOException {
      var echo = ends.executor.submit(() -> echo(toServer));
      try {
        assertThat(asked()).as("what was heard").isEqualTo(SAID);
        return Ends.got(echo);
      } catch (IOException _) {
        return false;
      } finally {
        toServer.close();
      }
    }

    private byte[] asked() throws IOException {
      try (var client = ends.connect(toClient)) {
        client.write(ByteBuffer.wrap(SAID));
        return heard(client);
      }
    }

    private boolean echo(CellChannel over) throws IOException {
      try (var server = ends.accept(over)) {
        var heard = heard(server);
        assertThat(heard).as("what the node heard").isEqualTo(SAID);
        server.write(ByteBuffer.wrap(heard));
        return server.read(ByteBuffer.allocate(1)) < 0;
      }
    }

    private static byte[] heard(CellChannel from) throws IOException {
      var into = ByteBuffer.allocate(SAID.length);
      while (into.hasRemaining()) {
        if (from.read(into) < 0) {
          throw new EOFException("nothing was said");
        }
      }
      return into.array();
    }
  }

  /**
   * Where a flipped bit makes the reader wait for more than will come, it waits as long as it may.
   * The version in a record's head says nothing, and nobody looks at it (RFC 8446, section 5.1).
   */
  @Test
  void noByteOfAConnectionIsChangedUnseen() throws IOException {
    var calm = new Attempt(NOWHERE, NOWHERE, 0);
    assertThat(calm.succeeds()).isTrue();
    var seed = System.nanoTime();
    var random = new Random(seed);
    var toClient = calm.toClient.read();
    for (var offset = 0; offset < toClient.length; offset++) {
      var isSeen = !new Attempt(offset, NOWHERE, bit(random)).succeeds();
      assertThat(isSeen || versions(toClient).get(offset))
          .as("byte %d to the client, seed %d", offset, seed)
          .isTrue();
    }
    var toServer = calm.toServer.read();
    for (var offset = 0; offset < toServer.length; offset++) {
      var isSeen = !new Attempt(NOWHERE, offset, bit(random)).succeeds();
      assertThat(isSeen || versions(toServer).get(offset))
          .as("byte %d to the node, seed %d", offset, seed)
          .isTrue();
    }
  }

  private static int bit(Random random) {
    return 1 << random.nextInt(Byte.SIZE);
  }

  /** Returns where the records' heads have a version. */
  private static BitSet versions(byte[] records) {
    var versions = new BitSet();
    var in = ByteBuffer.wrap(records);
    for (var head = 0; head < records.length; ) {
      versions.set(head + 1, head + 3);
      head += RECORD_HEAD_BYTES + in.getShort(head + 3);
    }
    return versions;
  }

  /** A connection whose one end says what a test gives it, after an honest handshake. */
  private SecuredChannel clientOf(CellChannel raw, CellChannel clientsEnd) throws IOException {
    var accepting = ends.accepting(raw);
    var client = ends.connect(clientsEnd);
    Ends.got(accepting);
    return client;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // Data that nobody sealed, an alert in clear, a handshake message in clear.
        "170303002000112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
        "15030300020100",
        "160303000518000001",
        // More than a record may have; of no kind; of no length; of no protocol at all.
        "17030342000000",
        "170303ffff0000",
        "99030300010000",
        "1703030000",
        "474554202f20485454502f312e310d0a0d0a",
        "80250100020000"
      })
  void recordsOfSomebodyElseBreakTheConnectionForGood(String hex) throws IOException {
    var bare = CellChannels.pair();
    var client = clientOf(bare.server(), bare.client());
    bare.server().write(ByteBuffer.wrap(HexFormat.of().parseHex(hex)));
    bare.server().write(ByteBuffer.allocate(1 << 15));
    var into = ByteBuffer.allocate(100);
    assertThatThrownBy(() -> client.read(into)).isInstanceOf(SSLException.class);
    assertThatThrownBy(() -> client.read(into)).isInstanceOf(SSLException.class);
    assertThat(into.position()).isZero();
    assertThatThrownBy(() -> client.write(ByteBuffer.allocate(1))).isInstanceOf(IOException.class);
    client.close();
  }

  @Test
  void aRecordThatComesByteByByteIsNotWaitedForAnewWithEach() throws Exception {
    var bare = CellChannels.pair();
    var client = clientOf(bare.server(), bare.client());
    client.timeout(Duration.ofMillis(300));
    var dripping =
        ends.executor.submit(() -> {
          bare.server().write(ByteBuffer.wrap(HexFormat.of().parseHex("1703034000")));
          while (!Thread.interrupted() && client.isOpen()) {
            bare.server().write(ByteBuffer.allocate(1));
            Thread.sleep(1);
          }
          return true;
        });
    assertThatThrownBy(() -> client.read(ByteBuffer.allocate(1)))
        .isInstanceOf(SocketTimeoutException.class)
        .hasMessageContaining("bytes of a record");
    client.close();
    dripping.cancel(true);
  }

  @Test
  void aHandshakeByteByByteEndsInTime() {
    var bare = CellChannels.pair();
    var dripping =
        ends.executor.submit(() -> {
          bare.client().write(ByteBuffer.wrap(HexFormat.of().parseHex("1603034000")));
          while (bare.server().isOpen()) {
            bare.client().write(ByteBuffer.allocate(1));
            Thread.sleep(1);
          }
          return true;
        });
    assertThatThrownBy(() ->
            SecuredChannel.accept(
                bare.server(), ends.node, TimeSource.system(), Duration.ofMillis(300)))
        .isInstanceOf(SocketTimeoutException.class)
        .hasMessageContaining("handshake took more than");
    assertThat(dripping).satisfies(Ends::got);
  }

  /** A client that has more to say than a channel says: the JDK asks for new keys by this call. */
  private final class Restless {
    final SSLEngine engine = ends.node.pin().connecting();
    final Outgoing outgoing;
    final Incoming incoming;

    Restless(CellChannel over) {
      outgoing = new Outgoing(engine, over);
      incoming = new Incoming(engine, over, outgoing, TimeSource.system());
    }

    void shakeHands() throws IOException {
      engine.beginHandshake();
      while (engine.getHandshakeStatus() != HandshakeStatus.NOT_HANDSHAKING) {
        SecuredChannel.runTasks(engine);
        if (engine.getHandshakeStatus() == HandshakeStatus.NEED_UNWRAP) {
          incoming.hear();
        }
        outgoing.sayWhatIsDue();
      }
    }

    void askForNewKeys() throws IOException {
      engine.beginHandshake();
      outgoing.sayWhatIsDue();
    }
  }

  @Test
  void keysAreRenewedOnTheWay() throws IOException {
    var bare = CellChannels.pair();
    var accepting = ends.accepting(bare.server());
    var client = new Restless(bare.client());
    client.shakeHands();
    var server = Ends.got(accepting);
    client.askForNewKeys();
    client.outgoing.write(ByteBuffer.wrap(SAID));
    assertThat(Attempt.heard(server)).isEqualTo(SAID);
    server.write(ByteBuffer.wrap(SAID));
    var into = ByteBuffer.allocate(SAID.length);
    client.incoming.timeout(Ends.LONG_ENOUGH);
    assertThat(client.incoming.read(into)).isEqualTo(SAID.length);
    assertThat(into.array()).isEqualTo(SAID);
  }

  /** Each would cost the node new keys. */
  @Test
  void recordsWithoutDataAreNotTakenWithoutEnd() throws IOException {
    var bare = CellChannels.pair();
    var accepting = ends.accepting(bare.server());
    var client = new Restless(bare.client());
    client.shakeHands();
    var server = Ends.got(accepting);
    for (var i = 0; i <= Incoming.EMPTY_RECORDS_MOST; i++) {
      client.askForNewKeys();
    }
    assertThatThrownBy(() -> server.read(ByteBuffer.allocate(1)))
        .isInstanceOf(SSLException.class)
        .hasMessageContaining("records without data");
  }
}
