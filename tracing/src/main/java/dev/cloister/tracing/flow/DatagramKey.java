package dev.cloister.tracing.flow;

import dev.cloister.tracing.packet.Packet;
import java.math.BigInteger;
import java.util.Arrays;

/**
 * What the fragments of one datagram share.
 *
 * @param version of IP
 * @param source the sender's address as a number
 * @param destination the receiver's address as a number
 * @param protocol what the datagram carries; in IPv6 it does not count
 * @param identification the sender's number for it
 */
record DatagramKey(
    int version, BigInteger source, BigInteger destination, int protocol, int identification) {

  static DatagramKey of(Packet packet) {
    return new DatagramKey(
        packet.version(),
        address(packet, packet.sourceOffset()),
        address(packet, packet.destinationOffset()),
        packet.version() == 4 ? packet.protocol() : 0,
        packet.identification());
  }

  private static BigInteger address(Packet packet, int offset) {
    return new BigInteger(
        1, Arrays.copyOfRange(packet.bytes(), offset, offset + packet.addressBytes()));
  }
}
