package dev.cloister.tracing.packet;

/** Takes packets, one at a time. */
@FunctionalInterface
public interface PacketHandler {

  /**
   * Takes one.
   *
   * @param packet valid until this returns
   */
  void packet(Packet packet);
}
