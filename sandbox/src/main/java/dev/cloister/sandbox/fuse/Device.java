package dev.cloister.sandbox.fuse;

import dev.cloister.core.NativeCallException;
import dev.cloister.core.internal.os.Mounting;
import java.nio.ByteBuffer;

/** An open {@code /dev/fuse}, where the kernel asks and is answered; for many threads at once. */
final class Device {
  private static final int ENOENT = 2;
  private static final int EINTR = 4;
  private static final int EAGAIN = 11;
  private static final int ENODEV = 19;
  private static final int EINVAL = 22;

  /** The connection ended between a frame's being taken from the queue and its being given out. */
  private static final int ECONNABORTED = 103;

  private final Mounting kernel;
  private final int descriptor;

  Device(Mounting kernel) {
    this.kernel = kernel;
    this.descriptor = kernel.openDevice();
  }

  int descriptor() {
    return descriptor;
  }

  /**
   * Waits for the next frame.
   *
   * @param into filled from its start to its limit
   * @return false when there will be none any more
   */
  boolean receive(ByteBuffer into) {
    while (true) {
      try {
        into.clear().limit(kernel.receive(descriptor, into));
        return true;
      } catch (NativeCallException e) {
        if (isEnd(e)) {
          return false;
        }
      }
    }
  }

  /** Tells whether a failed wait was the last, or whoever asked gave up meanwhile. */
  static boolean isEnd(NativeCallException failure) {
    return switch (failure.errno()) {
      case ENOENT, EINTR, EAGAIN -> false;
      case ENODEV, ECONNABORTED -> true;
      default -> throw failure;
    };
  }

  /**
   * Answers one frame.
   *
   * @param answer what remains in it
   * @return false when the kernel did not take it for an answer, and gave the asker EIO
   */
  boolean send(ByteBuffer answer) {
    try {
      kernel.send(descriptor, answer);
      return true;
    } catch (NativeCallException e) {
      return switch (e.errno()) {
        case ENOENT, ENODEV -> true; // Nobody waits for it any more.
        case EINVAL -> false;
        default -> throw e;
      };
    }
  }

  /** Gives the device back; nobody may be waiting on it. */
  void close() {
    kernel.close(descriptor);
  }
}
