package dev.cloister.tor.control;

import com.google.common.io.BaseEncoding;
import com.google.common.net.HostAndPort;
import com.google.common.net.InetAddresses;
import dev.cloister.tor.OnionKey;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an onion service is to be, for ADD_ONION: version 3 with a new key, ending with the
 * connection, until said otherwise. Not thread-safe.
 *
 * <p>Source: control-spec, section 3.27.
 */
public final class NewOnion {
  private static final int PORT_MAX = 65_535;
  private static final int CLIENT_KEY_BYTES = 32;

  /** How tor writes a client's key. */
  private static final BaseEncoding BASE32 = BaseEncoding.base32().omitPadding();

  private final List<String> ports = new ArrayList<>();
  private final Set<Flag> flags = EnumSet.noneOf(Flag.class);
  private final List<String> clients = new ArrayList<>();
  private @Nullable OnionKey key;
  private int streamsMost;
  private Optional<ProofOfWork> proofOfWork = Optional.empty();

  private enum Flag {
    DISCARD_PK("DiscardPK"),
    DETACH("Detach"),
    V3_AUTH("V3Auth"),
    MAX_STREAMS_CLOSE_CIRCUIT("MaxStreamsCloseCircuit");

    private final String text;

    Flag(String text) {
      this.text = text;
    }
  }

  private record ProofOfWork(int perSecond, int burst) {}

  private NewOnion() {}

  /**
   * Describes a service with one port.
   *
   * @param virtualPort what clients connect to, 1 to 65,535
   * @param target where tor connects then: a numeric address
   * @return a description to change
   */
  public static NewOnion serving(int virtualPort, InetSocketAddress target) {
    return new NewOnion().port(virtualPort, target);
  }

  /**
   * Adds a port.
   *
   * @param virtualPort what clients connect to, 1 to 65,535
   * @param target where tor connects then: a numeric address
   * @return this
   */
  public NewOnion port(int virtualPort, InetSocketAddress target) {
    if (virtualPort < 1 || virtualPort > PORT_MAX || target.isUnresolved()) {
      throw new IllegalArgumentException(
          "port %d to %s: must be 1 to %d, to a numeric address"
              .formatted(virtualPort, target, PORT_MAX));
    }
    var host = InetAddresses.toAddrString(target.getAddress());
    ports.add(virtualPort + "," + HostAndPort.fromParts(host, target.getPort()));
    return this;
  }

  /**
   * Serves under a key that is there already, rather than a new one.
   *
   * @param serviceKey of a service; tor gets it, and the caller closes this copy
   * @return this
   */
  public NewOnion key(OnionKey serviceKey) {
    if (serviceKey.kind() != OnionKey.Kind.SERVICE) {
      throw new IllegalArgumentException(serviceKey + ": must be a service's");
    }
    key = serviceKey;
    return this;
  }

  /**
   * Has tor keep a new key to itself.
   *
   * @return this
   */
  public NewOnion discardKey() {
    flags.add(Flag.DISCARD_PK);
    return this;
  }

  /**
   * Lets the service outlive this connection; it ends with tor, or by DEL_ONION.
   *
   * @return this
   */
  public NewOnion detached() {
    flags.add(Flag.DETACH);
    return this;
  }

  /**
   * Tells whether the service is to outlive its connection.
   *
   * @return whether {@link #detached} was called
   */
  public boolean isDetached() {
    return flags.contains(Flag.DETACH);
  }

  /**
   * Lets only some clients read the descriptor; may be called for each.
   *
   * @param publicKey the client's X25519 key, 32 bytes
   * @return this
   */
  public NewOnion client(byte[] publicKey) {
    if (publicKey.length != CLIENT_KEY_BYTES) {
      throw new IllegalArgumentException(
          "client key of %d bytes: must be %d".formatted(publicKey.length, CLIENT_KEY_BYTES));
    }
    flags.add(Flag.V3_AUTH);
    clients.add(BASE32.encode(publicKey));
    return this;
  }

  /**
   * Limits the streams of one circuit.
   *
   * @param most how many at a time; 0 is without limit
   * @param closeCircuit whether a further one closes the circuit; else it is refused alone
   * @return this
   */
  public NewOnion streams(int most, boolean closeCircuit) {
    if (most < 0 || most > PORT_MAX) {
      throw new IllegalArgumentException(
          "%d streams a circuit: must be 0 to %d".formatted(most, PORT_MAX));
    }
    streamsMost = most;
    if (closeCircuit) {
      flags.add(Flag.MAX_STREAMS_CLOSE_CIRCUIT);
    }
    return this;
  }

  /**
   * Has clients do work before they are served, when there are more than tor can serve.
   *
   * @param perSecond how many introductions are served a second
   * @param burst how many at once
   * @return this
   */
  public NewOnion proofOfWork(int perSecond, int burst) {
    proofOfWork = Optional.of(new ProofOfWork(perSecond, burst));
    return this;
  }

  Command command() {
    var command = Command.of("ADD_ONION");
    if (key == null) {
      command.word("NEW:" + OnionKey.Kind.SERVICE.torName());
    } else {
      command.key(key);
    }
    if (!flags.isEmpty()) {
      command.word("Flags=" + String.join(",", flags.stream().map(flag -> flag.text).toList()));
    }
    if (streamsMost > 0) {
      command.word("MaxStreams=" + streamsMost);
    }
    proofOfWork.ifPresent(work ->
        command
            .word("PoWDefensesEnabled=1")
            .word("PoWQueueRate=" + work.perSecond())
            .word("PoWQueueBurst=" + work.burst()));
    ports.forEach(port -> command.word("Port=" + port));
    clients.forEach(client -> command.word("ClientAuthV3=" + client));
    return command;
  }
}
