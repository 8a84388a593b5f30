package dev.cloister.tor.control;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/**
 * A control port that answers each command as a script says, in pieces of a size that the test
 * chooses; the handshake is answered honestly, without a need to authenticate.
 */
public final class ScriptedLink implements ControlLink {
  private static final String HELLO =
      "250-PROTOCOLINFO 1\r\n250-AUTH METHODS=NULL\r\n250-VERSION Tor=\"0.4.9.11\"\r\n250 OK\r\n";

  /** Stands in an answer where the port closes the connection. */
  public static final String CLOSES = "\u0001";

  private final UnaryOperator<String> script;
  private final boolean isHonest;
  private final int piece;
  private final LinkedBlockingQueue<byte[]> waiting = new LinkedBlockingQueue<>();
  private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
  private volatile boolean closed;

  private ScriptedLink(boolean isHonest, int piece, UnaryOperator<String> script) {
    this.isHonest = isHonest;
    this.piece = piece;
    this.script = script;
  }

  /**
   * Opens a control connection to a port that answers so.
   *
   * @param limits what the port may take
   * @param script what each command is answered
   * @return the connection
   * @throws IOException when the answers are no handshake
   */
  public static TorControl control(ControlLimits limits, UnaryOperator<String> script)
      throws IOException {
    return new ScriptedLink(true, 1 << 14, script).open(limits);
  }

  /** Makes a port that says what it says in pieces. */
  static ScriptedLink inPiecesOf(int piece, UnaryOperator<String> script) {
    return new ScriptedLink(true, piece, script);
  }

  /** Makes a port whose handshake is the script's too. */
  static ScriptedLink dishonest(UnaryOperator<String> script) {
    return new ScriptedLink(false, 1 << 16, script);
  }

  TorControl open(ControlLimits limits) throws IOException {
    return TorControl.over(this, new Authentication.None(), limits);
  }

  /** Has the port say something by itself. */
  void say(String text) {
    for (var part : text.splitWithDelimiters(CLOSES, -1)) {
      if (part.equals(CLOSES)) {
        waiting.add(new byte[0]);
      }
      var bytes = part.equals(CLOSES) ? new byte[0] : part.getBytes(UTF_8);
      for (var at = 0; at < bytes.length; at += piece) {
        waiting.add(Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + piece)));
      }
    }
  }

  synchronized String sent() {
    return sent.toString(UTF_8);
  }

  @Override
  public int read(ByteBuffer into, long nanos) throws IOException {
    try {
      var part = waiting.poll(nanos, TimeUnit.NANOSECONDS);
      if (closed) {
        throw new IOException("closed");
      }
      if (part == null) {
        return 0;
      }
      into.put(part);
      return part.length == 0 ? -1 : part.length;
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  @Override
  public synchronized void write(ByteBuffer bytes, long nanos) {
    var command = UTF_8.decode(bytes).toString();
    sent.writeBytes(command.getBytes(UTF_8));
    if (isHonest && command.startsWith("PROTOCOLINFO")) {
      say(HELLO);
    } else if (isHonest && command.startsWith("AUTHENTICATE")) {
      say("250 OK\r\n");
    } else {
      say(script.apply(command));
    }
  }

  boolean isClosed() {
    return closed;
  }

  @Override
  public void close() {
    closed = true;
    waiting.add(new byte[0]);
  }
}
