package dev.cloister.tor;

import dev.cloister.core.policy.PortRange;
import dev.cloister.crypto.identity.TransportPin;
import java.util.regex.Pattern;

/**
 * How a node is reached, and the key by which it is known: all that a client needs, in one line.
 * That the node is there, it does not say, and whoever wrote the line says which node it is.
 * Immutable; it holds nothing that could be a name to look up, or an address of another host.
 *
 * <p>The line has no space, and one form for each node:
 *
 * <pre>
 * onion:2gzyxa5ihm7nsggfxnu52rck2vv4rvmdlkiu3zzui5du4xyclen53wid.onion:443/PIN
 * exit:0123456789ABCDEF0123456789ABCDEF01234567:4433/PIN
 * loopback:4433/PIN
 * </pre>
 *
 * @param reach the way
 * @param pin its key's
 */
public record NodeAddress(Reach reach, TransportPin pin) {
  /** The longest line. */
  public static final int CHARACTERS_MAX = 160;

  private static final Pattern SHAPE =
      Pattern.compile(
          "(?:onion:([a-z2-7]{56}\\.onion)|exit:([0-9A-F]{40})|loopback)"
              + ":([1-9][0-9]{0,4})/([0-9a-f]{64})");

  /** A way to a node. */
  public sealed interface Reach {
    /**
     * Returns the port.
     *
     * @return 1 to 65,535
     */
    int port();
  }

  /**
   * As an onion service.
   *
   * @param service its address
   * @param port its virtual port, 1 to 65,535
   */
  public record Onion(OnionAddress service, int port) implements Reach {
    /** Checks the port. */
    public Onion {
      checkPort(port);
    }

    @Override
    public String toString() {
      return "onion:" + service.text() + ":" + port;
    }
  }

  /**
   * Through a circuit that ends at the node's own relay, which lets streams out to that port of its
   * own loopback and to no other.
   *
   * @param relay where the circuit ends
   * @param port of 127.0.0.1 there, 1 to 65,535
   */
  public record Exit(Fingerprint relay, int port) implements Reach {
    /** Checks the port. */
    public Exit {
      checkPort(port);
    }

    @Override
    public String toString() {
      return "exit:" + relay.hex() + ":" + port;
    }
  }

  /**
   * On this host, with no tor between.
   *
   * @param port of 127.0.0.1, 1 to 65,535
   */
  public record Loopback(int port) implements Reach {
    /** Checks the port. */
    public Loopback {
      checkPort(port);
    }

    @Override
    public String toString() {
      return "loopback:" + port;
    }
  }

  private static void checkPort(int port) {
    if (port < 1 || port > PortRange.PORT_MAX) {
      throw new IllegalArgumentException(
          "port %d of a node: allowed are 1 to %d".formatted(port, PortRange.PORT_MAX));
    }
  }

  /**
   * Reads a line.
   *
   * @param line as {@link #text} writes it, and in no other form
   * @return the address
   * @throws IllegalArgumentException when it is none
   */
  public static NodeAddress parse(String line) {
    var parts = SHAPE.matcher(line);
    if (line.length() > CHARACTERS_MAX || !parts.matches()) {
      throw new IllegalArgumentException(
          "node's address of %d characters: must be onion:NAME.onion:PORT/PIN, exit:FINGERPRINT:PORT/PIN or loopback:PORT/PIN, as the node wrote it"
              .formatted(line.length()));
    }
    var port = Integer.parseInt(parts.group(3));
    Reach reach =
        parts.group(1) != null
            ? new Onion(OnionAddress.parse(parts.group(1)), port)
            : parts.group(2) != null
                ? new Exit(new Fingerprint(parts.group(2)), port)
                : new Loopback(port);
    return new NodeAddress(reach, new TransportPin(parts.group(4)));
  }

  /**
   * Writes the line, without an end of line.
   *
   * @return what {@link #parse} reads
   */
  public String text() {
    return reach + "/" + pin.hex();
  }

  @Override
  public String toString() {
    return text();
  }
}
