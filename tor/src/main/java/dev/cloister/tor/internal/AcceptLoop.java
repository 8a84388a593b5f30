package dev.cloister.tor.internal;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A listener, and how connections are taken from it in a caller's thread until it is closed. Safe
 * for use by many threads.
 */
public final class AcceptLoop implements AutoCloseable {
  /** How long it accepts nobody when the system has nothing to accept with. */
  private static final long PAUSE_MILLIS = 1000;

  private final ServerSocketChannel listener;

  /** Held while a thread is in accept, where a virtual one keeps a closed socket listening. */
  private final ReentrantLock accepting = new ReentrantLock();

  /**
   * Takes a listener over.
   *
   * @param listener bound, in blocking mode; closed with this
   */
  public AcceptLoop(ServerSocketChannel listener) {
    this.listener = listener;
  }

  /** What becomes of connections. */
  public interface Taker {
    /**
     * Takes a connection, without waiting for its peer.
     *
     * @param accepted its own from now on
     * @throws IOException when nothing can be made of it
     */
    void take(SocketChannel accepted) throws IOException;

    /** Hears that one could not be accepted or taken; the loop pauses then. */
    void missed();
  }

  /**
   * Accepts in this thread, and returns when this is closed, or the thread is interrupted, which
   * closes the listener.
   *
   * @param taker what becomes of each connection
   */
  public void run(Taker taker) {
    while (true) {
      try {
        taker.take(accept());
      } catch (ClosedChannelException _) {
        return;
      } catch (IOException _) {
        taker.missed();
        pause();
      }
    }
  }

  private SocketChannel accept() throws IOException {
    accepting.lock();
    try {
      return listener.accept();
    } finally {
      accepting.unlock();
    }
  }

  /** Until something was freed, or a while. */
  @SuppressWarnings("WaitNotInLoop") // woken for nothing, it tries once more
  private synchronized void pause() {
    try {
      if (listener.isOpen()) {
        wait(PAUSE_MILLIS);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /** Says that a connection's end has freed what there may have been too little of to accept. */
  public synchronized void freed() {
    notifyAll();
  }

  /**
   * Ends the listening: when this returns, nobody is in the middle of accepting, and the address
   * can be bound anew.
   *
   * @throws IOException when the system says so
   */
  @Override
  public void close() throws IOException {
    listener.close();
    accepting.lock();
    try {
      freed();
    } finally {
      accepting.unlock();
    }
  }
}
