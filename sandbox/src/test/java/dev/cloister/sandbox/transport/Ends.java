package dev.cloister.sandbox.transport;

import dev.cloister.core.TimeSource;
import dev.cloister.core.key.SecretMemory;
import dev.cloister.crypto.identity.TransportIdentity;
import dev.cloister.crypto.identity.TransportPin;
import dev.cloister.sandbox.session.CellChannel;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A node, its clients, and a thread for each. */
final class Ends implements AutoCloseable {
  static final Duration LONG_ENOUGH = Duration.ofSeconds(20);

  private final SecretMemory memory = SecretMemory.onHeap(256);
  final TransportIdentity node = TransportIdentity.bornIn(memory);
  final TransportIdentity another = TransportIdentity.bornIn(memory);
  final ExecutorService executor = Executors.newCachedThreadPool();

  /** The most that opening takes, and at first a wait. */
  private final Duration most;

  Ends() {
    this(LONG_ENOUGH);
  }

  Ends(Duration most) {
    this.most = most;
  }

  SecuredChannel connect(CellChannel over) throws IOException {
    return connect(over, node.pin());
  }

  SecuredChannel connect(CellChannel over, TransportPin pin) throws IOException {
    return SecuredChannel.connect(over, pin, TimeSource.system(), most);
  }

  SecuredChannel accept(CellChannel over) throws IOException {
    return SecuredChannel.accept(over, node, TimeSource.system(), most);
  }

  Future<SecuredChannel> accepting(CellChannel over) {
    return executor.submit(() -> accept(over));
  }

  /** Returns what a task made, or throws what it threw. */
  static <T> T got(Future<T> future) throws IOException {
    try {
      return future.get(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException failure) {
        throw failure;
      }
      throw new AssertionError(e);
    } catch (InterruptedException | TimeoutException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    executor.shutdownNow();
    executor.close();
    memory.close();
  }
}
