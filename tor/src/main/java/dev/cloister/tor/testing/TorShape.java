package dev.cloister.tor.testing;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;

/**
 * How a network is to be: how many nodes of which role, and what differs from the usual in their
 * configuration. Two equal shapes give networks that behave alike; each has ports and a directory
 * of its own. Immutable.
 *
 * @param authorities how many nodes vote; at least 1
 * @param relays how many nodes only relay
 * @param exits how many nodes let streams out
 * @param clients how many nodes have a SOCKS port
 * @param options further lines of configuration, in order
 * @param keys the directory in which keys are kept from one network to the next
 * @param readyWithin how long a start may take in all, once there are keys
 */
public record TorShape(
    int authorities,
    int relays,
    int exits,
    int clients,
    List<TorOption> options,
    Path keys,
    Duration readyWithin) {
  /** A relay builds circuits of three others; so with fewer none ever starts. */
  static final int RELAYS_LEAST = 4;

  /** Each takes a process with 12 to 35 MB of memory, and an address of one small network. */
  static final int NODES_MOST = 64;

  /** Ready after about 9 seconds on two cores: one authority, two relays, one exit, one client. */
  static final TorShape SMALL =
      new TorShape(1, 2, 1, 1, List.of(), KeyCache.usual(), Duration.ofSeconds(90));

  /** Checks each number by itself; their sum is judged when a network starts. */
  public TorShape {
    atLeast("authorities", authorities, 1);
    atLeast("relays", relays, 0);
    atLeast("exits", exits, 0);
    atLeast("clients", clients, 0);
    options = List.copyOf(options);
    if (!readyWithin.isPositive()) {
      throw new IllegalArgumentException("ready within " + readyWithin + ": must be positive");
    }
  }

  private static void atLeast(String what, int count, int least) {
    if (count < least || count > NODES_MOST) {
      throw new IllegalArgumentException(
          "%s: %d, allowed are %d-%d".formatted(what, count, least, NODES_MOST));
    }
  }

  /**
   * Changes how many nodes vote.
   *
   * @param count at least 1
   * @return another shape
   */
  public TorShape authorities(int count) {
    return new TorShape(count, relays, exits, clients, options, keys, readyWithin);
  }

  /**
   * Changes how many nodes only relay.
   *
   * @param count at least 0
   * @return another shape
   */
  public TorShape relays(int count) {
    return new TorShape(authorities, count, exits, clients, options, keys, readyWithin);
  }

  /**
   * Changes how many nodes let streams out.
   *
   * @param count at least 0; with none, clients reach onion services alone
   * @return another shape
   */
  public TorShape exits(int count) {
    return new TorShape(authorities, relays, count, clients, options, keys, readyWithin);
  }

  /**
   * Changes how many nodes have a SOCKS port.
   *
   * @param count at least 0
   * @return another shape
   */
  public TorShape clients(int count) {
    return new TorShape(authorities, relays, exits, count, options, keys, readyWithin);
  }

  /**
   * Adds a line to the configuration of every node.
   *
   * @param line such as {@code ConfluxEnabled 0}; it replaces the network's lines of that keyword
   * @return another shape
   * @throws IllegalArgumentException when it is not one option's line, or the network sets it
   */
  public TorShape option(String line) {
    return with(Arrays.stream(TorRole.values()).map(role -> TorOption.parse(role, line)).toList());
  }

  /**
   * Adds a line to the configuration of every node of one role.
   *
   * @param role whose
   * @param line such as {@code ExitPolicy accept *:80}; it replaces the network's lines of that
   *     keyword
   * @return another shape
   * @throws IllegalArgumentException when it is not one option's line, or the network sets it
   */
  public TorShape option(TorRole role, String line) {
    return with(List.of(TorOption.parse(role, line)));
  }

  private TorShape with(List<TorOption> more) {
    var all = new ArrayList<>(options);
    all.addAll(more);
    return new TorShape(authorities, relays, exits, clients, all, keys, readyWithin);
  }

  /**
   * Changes where keys are kept, which saves their making in later starts.
   *
   * @param directory one that this user alone may enter, or that is not there yet
   * @return another shape
   */
  public TorShape keys(Path directory) {
    return new TorShape(authorities, relays, exits, clients, options, directory, readyWithin);
  }

  /**
   * Changes how long a start may take.
   *
   * @param time a positive time; 90 seconds unless said
   * @return another shape
   */
  public TorShape readyWithin(Duration time) {
    return new TorShape(authorities, relays, exits, clients, options, keys, time);
  }

  int count(TorRole role) {
    return switch (role) {
      case AUTHORITY -> authorities;
      case RELAY -> relays;
      case EXIT -> exits;
      case CLIENT -> clients;
    };
  }

  int nodes() {
    return authorities + relays + exits + clients;
  }

  List<TorOption> options(TorRole role) {
    return options.stream().filter(option -> option.role() == role).toList();
  }

  /** Refuses what would never become ready. */
  void check() {
    var relaying = nodes() - clients;
    if (relaying < RELAYS_LEAST) {
      throw new IllegalArgumentException(
          "%d authorities, %d relays and %d exits: a network needs %d of them together"
              .formatted(authorities, relays, exits, RELAYS_LEAST));
    }
    if (nodes() > NODES_MOST) {
      throw new IllegalArgumentException(
          "%d nodes: allowed are %d-%d".formatted(nodes(), RELAYS_LEAST, NODES_MOST));
    }
  }

  /**
   * Starts a network in a temporary directory, which is removed when it closes.
   *
   * @return the network, ready
   * @throws PrivateTorFailure when a node ends or does not become ready; nothing is left then
   * @throws IOException when tor is not installed, or files cannot be written
   * @see #startIn(Path)
   */
  public PrivateTorNetwork start() throws IOException {
    return startIn(
        Path.of(System.getProperty("java.io.tmpdir"), "cloister-tor-" + UUID.randomUUID()));
  }

  /**
   * Starts a network, and waits until every client can reach what it should: it knows every relay,
   * and has built a circuit.
   *
   * @param directory where its files lie until it closes; made if there is none. One network holds
   *     it at a time; what a dead process's network left there is removed
   * @return the network, ready
   * @throws PrivateTorFailure when a node ends or does not become ready; nothing is left then
   * @throws java.io.InterruptedIOException when this thread is interrupted; nothing is left then
   * @throws IOException when tor is not installed, or files cannot be written
   * @throws IllegalArgumentException when the numbers give no network
   */
  public PrivateTorNetwork startIn(Path directory) throws IOException {
    check();
    return PrivateTorNetwork.start(this, directory);
  }
}
