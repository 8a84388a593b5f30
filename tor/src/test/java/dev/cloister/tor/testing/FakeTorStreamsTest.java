package dev.cloister.tor.testing;

import dev.cloister.core.TimeSource;
import dev.cloister.tor.socks.Destination;
import dev.cloister.tor.socks.TorStreams;
import java.io.IOException;
import java.nio.channels.ByteChannel;
import java.time.Duration;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;

/** The contract of streams, on the fake; each of its tests leaves nothing open. */
@Timeout(20)
final class FakeTorStreamsTest extends TorStreamsContract {
  private final FakeTor tor = FakeTor.at(TimeSource.system());
  private int port = 1000;

  @AfterEach
  void nothingIsLeftOpen() {
    tor.checkNothingOpen();
  }

  @Override
  protected TorStreams streams() {
    return tor.streams();
  }

  @Override
  protected Executor executor() {
    return Thread::startVirtualThread;
  }

  @Override
  protected Listener listen() {
    var server = tor.listen("127.0.0.1", ++port);
    return new Listener() {
      @Override
      public Destination destination() {
        return server.destination();
      }

      @Override
      public ByteChannel accept() throws IOException {
        return server.accept(Duration.ofSeconds(10));
      }

      @Override
      public void close() {
        server.close();
      }
    };
  }
}
