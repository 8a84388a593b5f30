package dev.cloister.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cloister.core.Denied;
import dev.cloister.core.TimeSource;
import dev.cloister.core.key.SecretAccess;
import dev.cloister.core.token.Terms;
import dev.cloister.sandbox.session.CellChannel;
import dev.cloister.sandbox.session.CellClient;
import dev.cloister.sandbox.session.Dialer;
import dev.cloister.sandbox.session.RemoteCell;
import dev.cloister.sandbox.session.RemoteGrant;
import dev.cloister.sandbox.transport.SecuredChannel;
import dev.cloister.tor.NodeAddress;
import dev.cloister.tor.onion.OnionStreams;
import dev.cloister.tor.socks.Isolation;
import dev.cloister.tor.socks.TorStreams;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.function.UnaryOperator;

/** A client of a node that does what none should: with tokens, and with connections. */
final class Attacker implements AutoCloseable {
  private static final String INVOCATION = "invocation ";
  private static final Duration LONG = AttackedNode.LONG;

  private final TorStreams streams;
  private final Dialer dialer;
  private final NodeAddress node;
  private final RemoteCell honest;
  private final RemoteCell own;
  private final List<CellChannel> flood = new ArrayList<>();

  /**
   * Comes to a node.
   *
   * @param honest another client's function, to which this one is lent rights
   * @param own its own
   */
  Attacker(TorStreams streams, Dialer dialer, NodeAddress node, RemoteCell honest, RemoteCell own) {
    this.streams = streams;
    this.dialer = dialer;
    this.node = node;
    this.honest = honest;
    this.own = own;
  }

  /** The right to a function that an honest client lent, as a file has it. */
  String lent(Terms terms) throws IOException {
    try (var grant = honest.delegate(terms)) {
      return text(grant);
    }
  }

  private static String text(RemoteGrant grant) {
    var bytes = grant.bytes(SecretAccess.granted());
    return new String(bytes, UTF_8);
  }

  /** The bytes of the attacker's own right. */
  byte[] ownToken() {
    try (var grant = own.grant()) {
      return token(text(grant));
    }
  }

  private static byte[] token(String grant) {
    var line = grant.lines().filter(each -> each.startsWith(INVOCATION)).findFirst().orElseThrow();
    return Base64.getUrlDecoder().decode(line.substring(INVOCATION.length()));
  }

  private CellClient client(Dialer way) {
    return CellClient.over(way, node.text());
  }

  /** Says a message to the honest client's function, by a right with other bytes. */
  String sayBy(String grant, UnaryOperator<byte[]> forgery) throws IOException {
    var forged =
        Base64.getUrlEncoder().withoutPadding().encodeToString(forgery.apply(token(grant)));
    var text = grant.replaceFirst(INVOCATION + "\\S+", INVOCATION + forged);
    try (var right = RemoteGrant.parse(text.getBytes(UTF_8));
        var cell = client(dialer).open(right)) {
      cell.send("injected".getBytes(UTF_8));
      return "done";
    } catch (Denied e) {
      return String.valueOf(e.getMessage());
    }
  }

  /** Says all again, on another connection, that was said to the honest client's function. */
  String sayAgain() throws IOException {
    var said = new ByteArrayOutputStream();
    try (var grant = honest.grant();
        var cell = client(timeout -> new Overheard(dialer.open(timeout), said)).open(grant)) {
      cell.send("once".getBytes(UTF_8));
    }
    try (var again = dialer.open(LONG)) {
      again.write(ByteBuffer.wrap(said.toByteArray()));
      var heard = ByteBuffer.allocate(4096);
      var text = "";
      while (!text.endsWith("good for that") && again.read(heard) >= 0) {
        text = new String(heard.array(), 0, heard.position(), UTF_8);
      }
      return text;
    }
  }

  /** Takes more places than there are; returns whether the eldest is ended for them. */
  String flood(boolean isSecured) throws IOException {
    var onion = (NodeAddress.Onion) node.reach();
    var shared = Isolation.named("flood", "shared");
    for (var i = 0; i <= AttackedNode.PLACES; i++) {
      var stream =
          OnionStreams.over(streams, TimeSource.system())
              .open(onion.service(), onion.port(), shared, LONG);
      flood.add(
          isSecured
              ? SecuredChannel.connect(stream, node.pin(), TimeSource.system(), LONG)
              : stream);
      if (isSecured) {
        // The first byte of a hello, after which nothing comes.
        flood.getLast().write(ByteBuffer.wrap(new byte[1]));
      }
    }
    try {
      flood.getFirst().timeout(LONG);
      return flood.getFirst().read(ByteBuffer.allocate(1)) < 0 ? "ended" : "served";
    } catch (SocketTimeoutException _) {
      return "kept";
    } catch (IOException _) {
      return "ended";
    }
  }

  /** What comes from a connection is as it was; what goes is kept too. */
  private record Overheard(CellChannel inner, ByteArrayOutputStream said) implements CellChannel {
    @Override
    public int read(ByteBuffer into) throws IOException {
      return inner.read(into);
    }

    @Override
    public int write(ByteBuffer from) throws IOException {
      var copy = new byte[from.remaining()];
      from.duplicate().get(copy);
      said.writeBytes(copy);
      return inner.write(from);
    }

    @Override
    public void timeout(Duration most) {
      inner.timeout(most);
    }

    @Override
    public boolean isOpen() {
      return inner.isOpen();
    }

    @Override
    public void close() throws IOException {
      inner.close();
    }
  }

  /** Ends a flood. */
  @Override
  public void close() throws IOException {
    for (var channel : flood) {
      channel.close();
    }
  }
}
