package dev.cloister.sandbox.testing;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;

/** Channels in memory are as real ones. */
final class CellChannelsTest extends CellChannelContract {
  private final ExecutorService tasks = Executors.newCachedThreadPool();

  @Override
  protected CellChannels.Pair open() {
    return CellChannels.pair();
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
