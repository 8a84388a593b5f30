package dev.cloister.tor.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class AcceptLoopTest {
  private static final int ROUNDS = 100;

  private final BlockingQueue<SocketChannel> taken = new LinkedBlockingQueue<>();
  private volatile boolean refuses;
  private final CountDownLatch miss = new CountDownLatch(1);

  private final AcceptLoop.Taker taker =
      new AcceptLoop.Taker() {
        @Override
        public void take(SocketChannel accepted) throws IOException {
          if (refuses) {
            accepted.close();
            throw new IOException("nothing can be made of it");
          }
          taken.add(accepted);
        }

        @Override
        public void missed() {
          miss.countDown();
        }
      };

  /** Starts what accepts, in a thread of either kind. */
  private Thread accepting(AcceptLoop loop, boolean virtual) {
    return (virtual ? Thread.ofVirtual() : Thread.ofPlatform()).start(() -> loop.run(taker));
  }

  private static ServerSocketChannel bound(int port) throws IOException {
    var listener = ServerSocketChannel.open();
    try {
      return listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    } catch (IOException e) {
      listener.close();
      throw e;
    }
  }

  private static void knock(int port) throws IOException {
    new Socket(InetAddress.getLoopbackAddress(), port).close();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatIsClosedCanBeBoundAnewAtOnce(boolean virtual) throws Exception {
    var port = 0;
    for (var i = 0; i < ROUNDS; i++) {
      var listener = bound(port);
      port = listener.socket().getLocalPort();
      var loop = new AcceptLoop(listener);
      var thread = accepting(loop, virtual);
      knock(port);
      taken.take().close();
      loop.close();
      var gone = port;
      assertThatThrownBy(() -> knock(gone)).isInstanceOf(ConnectException.class);
      thread.join();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void oneThatIsLostCostsNoMoreThanAPause(boolean virtual) throws Exception {
    refuses = true;
    try (var listener = bound(0);
        var loop = new AcceptLoop(listener)) {
      var port = listener.socket().getLocalPort();
      accepting(loop, virtual);
      knock(port);
      miss.await();
      refuses = false;
      loop.freed();
      knock(port);
      taken.take().close();
    }
  }

  @Test
  void aClosedOneAcceptsNothing() throws Exception {
    var loop = new AcceptLoop(bound(0));
    loop.close();
    loop.close();
    loop.run(taker);
    assertThat(taken).isEmpty();
  }

  @Test
  void anInterruptedThreadEndsTheListening() throws Exception {
    try (var listener = bound(0);
        var loop = new AcceptLoop(listener)) {
      var thread = accepting(loop, true);
      thread.interrupt();
      thread.join();
      assertThat(listener.isOpen()).isFalse();
    }
  }
}
