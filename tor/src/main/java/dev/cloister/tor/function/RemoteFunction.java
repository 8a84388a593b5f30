package dev.cloister.tor.function;

import dev.cloister.sandbox.host.OutputMessage;
import dev.cloister.sandbox.session.RemoteCell;
import java.io.EOFException;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/**
 * A talk with a function of another node, over the cell protocol. It neither ends the cell nor
 * closes the client's hold of it. For any number of threads, of which one receives.
 */
public final class RemoteFunction implements FunctionLink {
  private final RemoteCell cell;

  private RemoteFunction(RemoteCell cell) {
    this.cell = cell;
  }

  /**
   * Talks to a function.
   *
   * @param cell where it runs, which the caller closes
   * @return the talk
   */
  public static RemoteFunction in(RemoteCell cell) {
    return new RemoteFunction(cell);
  }

  @Override
  public void send(byte[] message) throws IOException {
    cell.send(message);
  }

  @Override
  public Optional<byte[]> receive(Duration atMost) throws IOException {
    var message = cell.receive(atMost);
    if (message.isEmpty() && cell.isAtEnd()) {
      throw new EOFException("the function has ended: its cell's status says how");
    }
    return message.map(OutputMessage::bytes);
  }

  @Override
  public void expect(int messages, Duration atMost) throws IOException {
    cell.askAhead(messages, atMost);
  }

  @Override
  public byte[] call(byte[] message, Duration atMost) throws IOException {
    return cell.call(message, atMost);
  }
}
