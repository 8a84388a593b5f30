package dev.cloister.sandbox.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cloister.core.TimeSource;
import dev.cloister.sandbox.session.CellChannel;
import dev.cloister.sandbox.testing.CellChannelContract;
import dev.cloister.sandbox.testing.CellChannels;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A secured channel is a channel as any other; and what it is besides. */
final class SecuredChannelTest extends CellChannelContract {
  private static final Duration SHORT = Duration.ofMillis(100);

  private final Ends ends = new Ends();
  private final ExecutorService tasks = Executors.newVirtualThreadPerTaskExecutor();
  private final CellChannels.Pair bare = CellChannels.pair();

  @AfterEach
  void end() {
    ends.close();
    tasks.close();
  }

  @Override
  protected ExecutorService tasks() {
    return tasks;
  }

  @Override
  protected CellChannels.Pair open() throws IOException {
    var pair = CellChannels.pair();
    var accepting = ends.accepting(pair.server());
    return new CellChannels.Pair(ends.connect(pair.client()), Ends.got(accepting));
  }

  @Test
  void anotherNodeIsRefusedBeforeAnythingIsSaidToIt() {
    var accepting = ends.accepting(bare.server());
    assertThatThrownBy(() -> ends.connect(bare.client(), ends.another.pin()))
        .isInstanceOf(SSLHandshakeException.class)
        .hasMessageContaining("allowed is " + ends.another.pin().hex());
    assertThat(bare.client().isOpen()).isFalse();
    assertThatThrownBy(() -> Ends.got(accepting))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("certificate");
    assertThat(bare.server().isOpen()).isFalse();
  }

  /** Tor reads 32 times 498 bytes at once, and packs them into as many cells. */
  @Test
  void aLongMessageGoesInRecordsThatFillWholeCells() throws IOException {
    var accepting = ends.accepting(bare.server());
    try (var client = ends.connect(bare.client());
        var _ = Ends.got(accepting)) {
      var message = ByteBuffer.allocate(3 * CellChannel.BYTES_AT_BEST + 1);
      var writing = tasks.submit(() -> client.write(message));
      for (var bytes : List.of(32 * 498, 32 * 498, 32 * 498, 1 + 38)) {
        assertThat(recordBytes()).isEqualTo(bytes);
      }
      assertThat(Ends.got(writing)).isEqualTo(message.capacity());
    }
  }

  /** Takes the next record off the wire. */
  private int recordBytes() throws IOException {
    var head = filled(ByteBuffer.allocate(5));
    return head.capacity() + filled(ByteBuffer.allocate(head.getShort(3) & 0xffff)).capacity();
  }

  private ByteBuffer filled(ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      assertThat(bare.server().read(buffer)).isPositive();
    }
    return buffer;
  }

  @Test
  void aConnectionThatWasCutOffIsNoEnd() throws IOException {
    var accepting = ends.accepting(bare.server());
    var client = ends.connect(bare.client());
    Ends.got(accepting).write(ByteBuffer.wrap(new byte[] {1, 2}));
    bare.server().close();
    var into = ByteBuffer.allocate(10);
    assertThat(client.read(into)).isEqualTo(2);
    assertThatThrownBy(() -> client.read(into))
        .isInstanceOf(EOFException.class)
        .hasMessageContaining("cut off");
  }

  @Test
  void aHandshakeThatNobodyAnswersEndsInTime() {
    assertThatThrownBy(() ->
            SecuredChannel.connect(bare.client(), ends.node.pin(), TimeSource.system(), SHORT))
        .isInstanceOf(SocketTimeoutException.class);
    assertThat(bare.client().isOpen()).isFalse();
  }

  @Test
  void aNodeThatIsGoneAcceptsNobody() {
    ends.node.close();
    var accepting = ends.accepting(bare.server());
    assertThatThrownBy(() -> ends.connect(bare.client())).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> Ends.got(accepting)).isInstanceOf(SSLHandshakeException.class);
  }

  @Test
  void aClosedChannelSaidSo() throws IOException {
    var accepting = ends.accepting(bare.server());
    var client = ends.connect(bare.client());
    var server = Ends.got(accepting);
    client.close();
    assertThat(server.read(ByteBuffer.allocate(1))).isEqualTo(-1);
    assertThat(server.read(ByteBuffer.allocate(1))).isEqualTo(-1);
  }
}
