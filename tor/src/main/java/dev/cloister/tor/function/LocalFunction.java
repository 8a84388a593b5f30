package dev.cloister.tor.function;

import dev.cloister.core.token.InvocationToken;
import dev.cloister.sandbox.host.Attachment;
import dev.cloister.sandbox.host.CellHost;
import dev.cloister.sandbox.host.OutputMessage;
import dev.cloister.sandbox.host.Shown;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A talk with a function of a host in this process, with no wire between. It neither ticks the host
 * nor ends the cell. For one thread, as to what is received; {@link #call} is for any number.
 */
public final class LocalFunction implements FunctionLink {
  private final CellHost host;
  private final InvocationToken token;
  private @Nullable Attachment attachment;

  private LocalFunction(CellHost host, InvocationToken token) {
    this.host = host;
    this.token = token;
  }

  /**
   * Talks to a function. Each message and each call takes a use of the token, and so does the first
   * that is received.
   *
   * @param host where it runs
   * @param token what the client has; the caller closes it after the last call
   * @return the talk
   */
  public static LocalFunction in(CellHost host, InvocationToken token) {
    return new LocalFunction(host, token);
  }

  @Override
  public void send(byte[] message) throws IOException {
    host.send(Shown.now(token), message);
  }

  @Override
  public Optional<byte[]> receive(Duration atMost) throws IOException {
    var attached = attached();
    try {
      var message = attached.receive(atMost);
      if (message.isEmpty() && attached.isAtEnd()) {
        throw new EOFException("the function has ended: " + attached.ending());
      }
      message.ifPresent(got -> attached.acknowledge(got.number()));
      return message.map(OutputMessage::bytes);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for a function");
    }
  }

  private Attachment attached() {
    if (attachment == null) {
      attachment = host.attach(Shown.now(token), -1);
    }
    return attachment;
  }

  @Override
  public byte[] call(byte[] message, Duration atMost) throws IOException {
    return host.call(Shown.now(token), message, atMost);
  }
}
