package dev.cloister.tor.control;

import dev.cloister.tor.Fingerprint;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Something that happened in tor, as tor tells it. What has no component of its own is in {@code
 * details}, by tor's keyword, unquoted. Immutable.
 *
 * <p>Source: control-spec, section 4.1.
 */
public sealed interface TorEvent {

  /**
   * Tells what kind it is.
   *
   * @return the kind that a subscriber asked for
   */
  EventKind kind();

  /**
   * Returns what has no component of its own.
   *
   * @return values by tor's keyword, unquoted
   */
  default Map<String, String> details() {
    return Map.of();
  }

  /**
   * Returns one of the details.
   *
   * @param keyword such as REASON
   * @return its value, if tor said it
   */
  default Optional<String> detail(String keyword) {
    return Optional.ofNullable(details().get(keyword));
  }

  /** What has become of a circuit. */
  enum CircuitStatus {
    /** It is being built. */
    LAUNCHED,
    /** It is built and can be used. */
    BUILT,
    /** It is built, and waits to see whether a better guard answers. */
    GUARD_WAIT,
    /** It has one hop more. */
    EXTENDED,
    /** It was not built. */
    FAILED,
    /** It was closed. */
    CLOSED
  }

  /**
   * Something about a circuit.
   *
   * @param circuit which
   * @param status what has become of it
   * @param path its hops as far as it is built
   * @param details such as PURPOSE, BUILD_FLAGS, REASON, REMOTE_REASON, REND_QUERY, SOCKS_USERNAME
   */
  record Circuit(
      CircuitId circuit, CircuitStatus status, List<Fingerprint> path, Map<String, String> details)
      implements TorEvent {
    /** Copies. */
    public Circuit {
      path = List.copyOf(path);
      details = Map.copyOf(details);
    }

    @Override
    public EventKind kind() {
      return EventKind.CIRC;
    }
  }

  /** What has become of a stream. */
  enum StreamStatus {
    /** It asks for a connection. */
    NEW,
    /** It asks for a name's address. */
    NEWRESOLVE,
    /** Its address was rewritten. */
    REMAP,
    /** The request was sent along its circuit. */
    SENTCONNECT,
    /** The request for an address was sent along its circuit. */
    SENTRESOLVE,
    /** It is connected. */
    SUCCEEDED,
    /** It failed, and will not be tried again. */
    FAILED,
    /** It was closed. */
    CLOSED,
    /** It failed on its circuit, and can be attached to another. */
    DETACHED,
    /** It waits for somebody to attach it. */
    CONTROLLER_WAIT,
    /** It is flow-controlled. */
    XOFF_SENT,
    /** It is flow-controlled by the other side. */
    XOFF_RECV,
    /** It flows again. */
    XON_SENT,
    /** It flows again, says the other side. */
    XON_RECV
  }

  /**
   * Something about a stream.
   *
   * @param stream which
   * @param status what has become of it
   * @param circuit what it is attached to; {@link CircuitId#NONE} when to none
   * @param target where it goes, as its client named it: a host, a colon and a port
   * @param details such as REASON, REMOTE_REASON, SOURCE_ADDR, PURPOSE, SOCKS_USERNAME
   */
  record Stream(
      StreamId stream,
      StreamStatus status,
      CircuitId circuit,
      String target,
      Map<String, String> details)
      implements TorEvent {
    /** Copies. */
    public Stream {
      details = Map.copyOf(details);
    }

    @Override
    public EventKind kind() {
      return EventKind.STREAM;
    }
  }

  /** What has become of a descriptor. */
  enum DescriptorAction {
    /** It is being asked for. */
    REQUESTED,
    /** It is being uploaded. */
    UPLOAD,
    /** It was received, and is good. */
    RECEIVED,
    /** It was uploaded. */
    UPLOADED,
    /** It is not used. */
    IGNORE,
    /** One of these failed. */
    FAILED,
    /** It was made. */
    CREATED
  }

  /**
   * Something about a descriptor of an onion service.
   *
   * @param action what has become of it
   * @param address 56 characters without {@code .onion}, or {@code UNKNOWN}
   * @param directory the relay that it goes to or comes from; {@code UNKNOWN} when there is none
   * @param descriptor its identifier, if tor said it; else empty
   * @param details such as REASON, REPLICA, HSDIR_INDEX
   */
  record OnionDescriptor(
      DescriptorAction action,
      String address,
      String directory,
      String descriptor,
      Map<String, String> details)
      implements TorEvent {
    /** Copies. */
    public OnionDescriptor {
      details = Map.copyOf(details);
    }

    @Override
    public EventKind kind() {
      return EventKind.HS_DESC;
    }
  }

  /**
   * A descriptor of an onion service that was fetched.
   *
   * @param address 56 characters without {@code .onion}
   * @param descriptor its identifier
   * @param directory the relay that it came from
   * @param text the descriptor; empty when it could not be fetched
   */
  record OnionDescriptorContent(String address, String descriptor, String directory, String text)
      implements TorEvent {
    @Override
    public EventKind kind() {
      return EventKind.HS_DESC_CONTENT;
    }
  }

  /**
   * What all connections carried in the last second.
   *
   * @param readBytes bytes that tor read
   * @param writtenBytes bytes that tor wrote
   */
  record Bandwidth(long readBytes, long writtenBytes) implements TorEvent {
    @Override
    public EventKind kind() {
      return EventKind.BW;
    }
  }

  /**
   * What a circuit carried in the last second, in whole cells.
   *
   * @param circuit which
   * @param readBytes bytes that tor read
   * @param writtenBytes bytes that tor wrote
   * @param details such as TIME, DELIVERED_READ, OVERHEAD_WRITTEN, CWND
   */
  record CircuitBandwidth(
      CircuitId circuit, long readBytes, long writtenBytes, Map<String, String> details)
      implements TorEvent {
    /** Copies. */
    public CircuitBandwidth {
      details = Map.copyOf(details);
    }

    @Override
    public EventKind kind() {
      return EventKind.CIRC_BW;
    }
  }

  /**
   * What a stream carried in the last second.
   *
   * @param stream which
   * @param writtenBytes bytes that its client wrote
   * @param readBytes bytes that its client read
   */
  record StreamBandwidth(StreamId stream, long writtenBytes, long readBytes) implements TorEvent {
    @Override
    public EventKind kind() {
      return EventKind.STREAM_BW;
    }
  }

  /**
   * Descriptors of relays are there, new or changed.
   *
   * @param relays whose
   */
  record NewDescriptors(List<Fingerprint> relays) implements TorEvent {
    /** Copies. */
    public NewDescriptors {
      relays = List.copyOf(relays);
    }

    @Override
    public EventKind kind() {
      return EventKind.NEWDESC;
    }
  }

  /**
   * A consensus is there.
   *
   * @param entries one for each relay, as {@code GETINFO ns/all} gives them
   */
  record NewConsensus(String entries) implements TorEvent {
    @Override
    public EventKind kind() {
      return EventKind.NEWCONSENSUS;
    }
  }

  /**
   * The network came, or went.
   *
   * @param isUp whether anything was heard of it
   */
  record NetworkLiveness(boolean isUp) implements TorEvent {
    @Override
    public EventKind kind() {
      return EventKind.NETWORK_LIVENESS;
    }
  }

  /** How grave a status event is. */
  enum Severity {
    /** Good to know. */
    NOTICE,
    /** Bad. */
    WARN,
    /** Tor can't go on. */
    ERR
  }

  /**
   * Something about tor itself.
   *
   * @param kind STATUS_GENERAL, STATUS_CLIENT or STATUS_SERVER
   * @param severity how grave it is
   * @param action what happened, such as BOOTSTRAP
   * @param details what belongs to it, such as PROGRESS
   */
  record Status(EventKind kind, Severity severity, String action, Map<String, String> details)
      implements TorEvent {
    /** Copies. */
    public Status {
      details = Map.copyOf(details);
    }
  }
}
