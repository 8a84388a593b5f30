package dev.cloister.tor.testing;

import dev.cloister.core.TimeSource;
import dev.cloister.tor.socks.Destination;
import dev.cloister.tor.socks.SocksClient;
import dev.cloister.tor.socks.TorStreams;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ByteChannel;
import java.nio.channels.ServerSocketChannel;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The contract of streams, through a real network to servers of this machine. */
@Timeout(180)
final class PrivateTorStreamsTest extends TorStreamsContract {
  @RegisterExtension static final PrivateTor TOR = PrivateTor.of(PrivateTorNetwork.shape());

  private final PrivateTorNetwork network;

  PrivateTorStreamsTest(PrivateTorNetwork network) {
    this.network = network;
  }

  @Override
  protected TorStreams streams() {
    return SocksClient.through(network.client().socksAddress(), TimeSource.system());
  }

  @Override
  protected Executor executor() {
    return Thread::startVirtualThread;
  }

  @Override
  protected Listener listen() throws IOException {
    var server = ServerSocketChannel.open();
    server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    return new Listener() {
      @Override
      public Destination destination() {
        return Destination.of(server.socket().getInetAddress(), server.socket().getLocalPort());
      }

      @Override
      public ByteChannel accept() throws IOException {
        return server.accept();
      }

      @Override
      public void close() throws IOException {
        server.close();
      }
    };
  }
}
