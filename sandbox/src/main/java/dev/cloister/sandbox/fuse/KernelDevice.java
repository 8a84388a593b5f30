package dev.cloister.sandbox.fuse;

import dev.cloister.core.NativeCallException;
import dev.cloister.core.internal.os.Mounting;
import java.nio.ByteBuffer;

/** An open {@code /dev/fuse}. */
final class KernelDevice implements Device {
  private static final int ENOENT = 2;
  private static final int EINTR = 4;
  private static final int EAGAIN = 11;
  private static final int ENODEV = 19;

  private final Mounting kernel;
  private final int descriptor;

  KernelDevice(Mounting kernel) {
    this.kernel = kernel;
    this.descriptor = kernel.openDevice();
  }

  int descriptor() {
    return descriptor;
  }

  @Override
  public boolean receive(ByteBuffer into) {
    while (true) {
      try {
        into.clear().limit(kernel.receive(descriptor, into));
        return true;
      } catch (NativeCallException e) {
        switch (e.errno()) {
          case ENOENT, EINTR, EAGAIN -> {} // Whoever asked gave up meanwhile.
          case ENODEV -> {
            return false;
          }
          default -> throw e;
        }
      }
    }
  }

  @Override
  public void send(ByteBuffer answer) {
    try {
      kernel.send(descriptor, answer);
    } catch (NativeCallException e) {
      if (e.errno() != ENOENT && e.errno() != ENODEV) {
        throw e;
      }
    }
  }

  @Override
  public void close() {
    kernel.close(descriptor);
  }
}
