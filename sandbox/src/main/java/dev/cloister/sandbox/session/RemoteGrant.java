package dev.cloister.sandbox.session;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.cloister.core.PolicyRejected;
import dev.cloister.core.key.SecretAccess;
import dev.cloister.core.token.InvocationToken;
import dev.cloister.core.token.ShutdownToken;
import dev.cloister.core.token.Token;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.function.Function;

/**
 * A right to a cell on some node, with all that is needed to use it from elsewhere or later: where
 * the cell is, the right to talk to it, the right to end it where its holder has that, and which
 * message was read last. Whoever has its bytes has the right.
 *
 * <p>Its bytes are a small text, so that they can be a file, which the application makes with mode
 * 0600:
 *
 * <pre>
 * cloister grant 1
 * node WHERE
 * invocation TOKEN
 * shutdown TOKEN
 * last 41
 * </pre>
 *
 * <p>Tokens are in base64 as of RFC 4648, section 5, without padding; the line of the shutdown
 * token is there where there is one. Safe for use by many threads. Closing it zeroes its copy of
 * the tokens.
 */
public final class RemoteGrant implements AutoCloseable {
  /** The longest name of a node. */
  public static final int NODE_CHARACTERS_MAX = 512;

  /** The most bytes that a grant has. */
  public static final int BYTES_MAX = 1024;

  /** What the last message's number is before any was read. */
  public static final long NOTHING_READ = -1;

  private static final String HEAD = "cloister grant 1";

  private final String node;
  private final InvocationToken invocation;
  private final Optional<ShutdownToken> shutdown;
  private final long last;

  private RemoteGrant(
      String node, InvocationToken invocation, Optional<ShutdownToken> shutdown, long last) {
    this.node = node;
    this.invocation = invocation;
    this.shutdown = shutdown;
    this.last = last;
  }

  /**
   * Puts a grant together.
   *
   * @param node where the cell is, in words of the application: 1 to {@value #NODE_CHARACTERS_MAX}
   *     printable characters of ASCII
   * @param invocation the right to talk to it; closed with this
   * @param shutdown the right to end it, if it is to be handed on; closed with this
   * @param last the number of the last message that was read, {@value #NOTHING_READ} for none
   * @return the grant
   */
  public static RemoteGrant of(
      String node, InvocationToken invocation, Optional<ShutdownToken> shutdown, long last) {
    if (last < NOTHING_READ) {
      throw new IllegalArgumentException(
          "last message " + last + ": allowed is its number, or -1 for none");
    }
    return new RemoteGrant(checkedNode(node), invocation, shutdown, last);
  }

  static String checkedNode(String node) {
    if (!isNode(node)) {
      throw new IllegalArgumentException(
          "node of %d characters: allowed are 1 to %d, of printable ASCII"
              .formatted(node.length(), NODE_CHARACTERS_MAX));
    }
    return node;
  }

  private static boolean isNode(String node) {
    return !node.isEmpty()
        && node.length() <= NODE_CHARACTERS_MAX
        && node.chars().allMatch(character -> character > ' ' && character < 0x7f);
  }

  /**
   * Reads what {@link #bytes} wrote.
   *
   * @param bytes any bytes; zeroing them is the caller's
   * @return the grant; whether it is good for anything, its node alone knows
   * @throws PolicyRejected when they are none, with the line, and nothing that stands there
   */
  public static RemoteGrant parse(byte[] bytes) {
    if (bytes.length > BYTES_MAX) {
      throw new PolicyRejected("grant", "larger than " + BYTES_MAX + " bytes: it is none");
    }
    return new Lines(bytes).grant();
  }

  /** The lines of a grant, taken in order; secrets do not become strings. */
  private static final class Lines {
    private final byte[] text;
    private int at;
    private int number;

    Lines(byte[] text) {
      this.text = text;
    }

    RemoteGrant grant() {
      check(next("").filter(head -> text(head).equals(HEAD)).isPresent(), "\"" + HEAD + "\"");
      var node = text(needed("node "));
      check(isNode(node), "a node's name in printable ASCII");
      var invocation = InvocationToken.of(token(needed("invocation ")));
      var shutdown = next("shutdown ").map(bytes -> ShutdownToken.of(token(bytes)));
      var last = number(text(needed("last ")));
      check(at == text.length, "nothing more");
      return new RemoteGrant(node, invocation, shutdown, last);
    }

    private static String text(byte[] bytes) {
      return new String(bytes, US_ASCII);
    }

    private byte[] needed(String name) {
      return next(name).orElseThrow(() -> rejected("\"" + name + "…\""));
    }

    /** The rest of the next line, when it begins as it must. */
    private Optional<byte[]> next(String name) {
      var end = at;
      while (end < text.length && text[end] != '\n') {
        end++;
      }
      var from = at + name.length();
      if (end == text.length
          || end < from
          || !Arrays.equals(text, at, from, name.getBytes(US_ASCII), 0, name.length())) {
        return Optional.empty();
      }
      number++;
      at = end + 1;
      return Optional.of(Arrays.copyOfRange(text, from, end));
    }

    private byte[] token(byte[] base64) {
      try {
        var token = Base64.getUrlDecoder().decode(base64);
        check(token.length == Token.BYTES, "a token");
        return token;
      } catch (IllegalArgumentException _) {
        throw rejected("a token");
      } finally {
        Arrays.fill(base64, (byte) 0);
      }
    }

    private long number(String text) {
      check(text.matches("-1|0|[1-9][0-9]{0,17}"), "a message's number, or -1");
      return Long.parseLong(text);
    }

    private void check(boolean holds, String needed) {
      if (!holds) {
        throw rejected(needed);
      }
    }

    private PolicyRejected rejected(String needed) {
      return new PolicyRejected("grant:" + Math.max(1, number), needed + " is needed there");
    }
  }

  /**
   * Returns where the cell is.
   *
   * @return words of the application
   */
  public String node() {
    return node;
  }

  /**
   * Returns which message was read last.
   *
   * @return its number, {@value #NOTHING_READ} for none
   */
  public long last() {
    return last;
  }

  /**
   * Tells whether its holder may end the cell.
   *
   * @return whether a shutdown token is in it
   */
  public boolean canShutDown() {
    return shutdown.isPresent();
  }

  InvocationToken invocation() {
    return invocation;
  }

  Optional<ShutdownToken> shutdown() {
    return shutdown;
  }

  /** A copy that lives on when this is closed. */
  RemoteGrant copy() {
    return at(last);
  }

  /** A copy at another message. */
  RemoteGrant at(long number) {
    return new RemoteGrant(
        node,
        copied(invocation, InvocationToken::of),
        shutdown.map(token -> copied(token, ShutdownToken::of)),
        number);
  }

  private static <T extends Token> T copied(T token, Function<byte[], T> made) {
    return token.use(SecretAccess.granted(), made);
  }

  /**
   * Writes the grant, to keep it in a file or to hand it on.
   *
   * @param access the right to see its tokens
   * @return a small text, which {@link #parse} reads; zeroing it is the caller's
   */
  public byte[] bytes(SecretAccess access) {
    var text = ByteBuffer.allocate(BYTES_MAX);
    line(text, HEAD);
    line(text, "node " + node);
    token(text, "invocation ", invocation, access);
    shutdown.ifPresent(token -> token(text, "shutdown ", token, access));
    line(text, "last " + last);
    var bytes = Arrays.copyOf(text.array(), text.position());
    Arrays.fill(text.array(), (byte) 0);
    return bytes;
  }

  private static void line(ByteBuffer into, String line) {
    into.put(line.getBytes(US_ASCII)).put((byte) '\n');
  }

  private static void token(ByteBuffer into, String name, Token token, SecretAccess access) {
    into.put(name.getBytes(US_ASCII));
    var base64 = token.use(access, bytes -> Base64.getUrlEncoder().encode(bytes));
    into.put(base64);
    Arrays.fill(base64, (byte) 0);
    into.put((byte) '\n');
  }

  /** Zeroes this copy of the tokens; the rights live on. A second call does nothing. */
  @Override
  public void close() {
    invocation.close();
    shutdown.ifPresent(Token::close);
  }

  /**
   * Says where, and nothing of the tokens.
   *
   * @return such as {@code RemoteGrant[node.onion:443, last 41]}
   */
  @Override
  public String toString() {
    return "RemoteGrant[" + node + ", last " + last + "]";
  }
}
