package dev.cloister.tor.function;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/**
 * One client's talk with a function that runs in a cell, near or far, by one token. It does not say
 * who else talks to that function. No wait is without a bound; an interrupt ends a wait with {@link
 * java.io.InterruptedIOException}.
 */
public interface FunctionLink {

  /**
   * Sends the function a message.
   *
   * @param message its bytes
   * @throws dev.cloister.core.Denied when the token or a limit refuses
   * @throws IOException when the function has ended, is behind, or was not reached
   */
  void send(byte[] message) throws IOException;

  /**
   * Waits for the function's next message.
   *
   * @param atMost how long
   * @return its bytes; empty when none came in time
   * @throws java.io.EOFException when none will come: the function has ended
   * @throws IOException when the function is not reached any more
   */
  Optional<byte[]> receive(Duration atMost) throws IOException;

  /**
   * Says that messages will be received: where the function is far, they are asked for at once, so
   * that the {@link #receive} that takes one waits for no way there. Where it is near, this does
   * nothing.
   *
   * @param messages how many, at least one and few
   * @param atMost how long the function may take for each
   * @throws IOException when the function is not reached any more
   */
  default void expect(int messages, Duration atMost) throws IOException {
    // There is no way to save.
  }

  /**
   * Sends the function a message, and waits for what it answers to that one.
   *
   * @param message its bytes
   * @param atMost how long
   * @return the answer
   * @throws dev.cloister.core.Denied when the token or a limit refuses
   * @throws IOException when the function has ended, is behind, was late, or was not reached
   */
  byte[] call(byte[] message, Duration atMost) throws IOException;
}
