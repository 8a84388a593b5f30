package dev.cloister.sandbox.session;

import dev.cloister.sandbox.testing.CellChannelContract;
import dev.cloister.sandbox.testing.CellChannels;
import java.io.IOException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;

/** The sockets that other tests here talk over keep the contract. */
final class SocketEndTest extends CellChannelContract {
  private final ExecutorService tasks = Executors.newCachedThreadPool();

  @Override
  protected CellChannels.Pair open() throws IOException {
    try (var listening = SocketEnd.listening()) {
      var client = SocketEnd.to(listening);
      return new CellChannels.Pair(client, new SocketEnd(listening.accept()));
    }
  }

  @Override
  protected ExecutorService tasks() {
    return tasks;
  }

  @AfterEach
  void closeTheTasks() {
    tasks.close();
  }
}
