package dev.cloister.tor.socks;

import dev.cloister.core.ledger.Counter;

/**
 * What a SOCKS server counts. Each connection that came is living, or was refused, failed or ended
 * for one of these causes, the first that it had.
 */
public enum SocksCounter implements Counter {
  /** Connections that came. */
  CAME("socks.came"),
  /** Connections that live now. */
  LIVING("socks.living"),
  /** Streams that were opened. */
  OPENED("socks.opened"),
  /** Bytes from clients to destinations. */
  BYTES_OUT("socks.bytes.out"),
  /** Bytes from destinations to clients. */
  BYTES_IN("socks.bytes.in"),
  /** Refused: there were as many as allowed, or the executor took no more. */
  NO_ROOM("socks.refused.full"),
  /** Refused: the client sent no SOCKS 5, or a host or port that is none. */
  MALFORMED("socks.refused.malformed"),
  /** Refused: the client did not finish its handshake in time. */
  LATE("socks.refused.late"),
  /** Refused: the client left within its handshake. */
  LEFT("socks.refused.left"),
  /** Refused: the client did not know user and password. */
  NO_LOGIN("socks.refused.login"),
  /** Refused: a command other than CONNECT, an unknown type of address, no method of ours. */
  UNSUPPORTED("socks.refused.unsupported"),
  /** Refused: the policy does not accept the destination. */
  NOT_ALLOWED("socks.refused.policy"),
  /** The stream could not be opened. */
  NOT_OPENED("socks.failed.open"),
  /** The policy, or what opens streams, failed otherwise than by an error of I/O. */
  FAULT("socks.failed.fault"),
  /** Both sides had sent all they would. */
  COMPLETED("socks.ended.complete"),
  /** Nothing moved, or one side did not take what came for it. */
  IDLE("socks.ended.idle"),
  /** One of the two connections broke. */
  BROKEN("socks.ended.broken"),
  /** The server was closed. */
  CLOSED("socks.ended.closed"),
  /** Connections that the system could not hand over, such as for want of descriptors. */
  NOT_ACCEPTED("socks.notAccepted");

  private final String label;

  SocksCounter(String label) {
    this.label = label;
  }

  @Override
  public String label() {
    return label;
  }
}
