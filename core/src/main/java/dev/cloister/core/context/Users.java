package dev.cloister.core.context;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Counts who is inside a context, and lets nobody in once its doors are closed. */
final class Users {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition left = lock.newCondition();
  private int inside;
  private boolean closed;

  /** Lets one in, unless the doors are closed. */
  boolean enter() {
    lock.lock();
    try {
      if (closed) {
        return false;
      }
      inside++;
      return true;
    } finally {
      lock.unlock();
    }
  }

  void leave() {
    lock.lock();
    try {
      inside--;
      left.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Closes the doors; true for the one caller who did. */
  boolean close() {
    lock.lock();
    try {
      var first = !closed;
      closed = true;
      return first;
    } finally {
      lock.unlock();
    }
  }

  boolean isClosed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }

  /** Waits until all have left, or the time is over; returns how many are still inside. */
  int awaitEmpty(long nanos) {
    var interrupted = false;
    var deadline = System.nanoTime() + nanos;
    lock.lock();
    try {
      var remaining = nanos;
      while (inside > 0 && remaining > 0) {
        try {
          remaining = left.awaitNanos(remaining);
        } catch (InterruptedException _) {
          // Closing goes on: leaving keys behind would be worse than being late.
          interrupted = true;
          remaining = deadline - System.nanoTime();
        }
      }
      return inside;
    } finally {
      lock.unlock();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
