package dev.cloister.sandbox.confine;

import dev.cloister.core.internal.os.Confining;
import java.io.FileOutputStream;
import java.io.IOException;

/** The pipe to a guest's standard input, which can tell whether it has room. */
final class InputPipe extends FileOutputStream {
  private final Confining system;
  private final int descriptor;
  private boolean closed;

  /**
   * Opens it once more, for a stream of Java's.
   *
   * @param path by which it is found again
   * @param descriptor of the same pipe, which is closed with the stream
   */
  InputPipe(Confining system, String path, int descriptor) throws IOException {
    super(path);
    this.system = system;
    this.descriptor = descriptor;
  }

  /** Tells whether so much can be written without a wait: of more than a page it never does. */
  synchronized boolean hasRoom(int bytes) {
    return !closed && bytes <= Confining.ROOM_BYTES && system.hasRoom(descriptor);
  }

  @Override
  public void close() throws IOException {
    synchronized (this) {
      if (!closed) {
        closed = true;
        system.close(descriptor);
      }
    }
    super.close();
  }
}
