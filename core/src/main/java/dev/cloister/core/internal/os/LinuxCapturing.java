package dev.cloister.core.internal.os;

/** Packet sockets of the kernel. */
final class LinuxCapturing implements Capturing {
  private final Kernel kernel;

  LinuxCapturing(Kernel kernel) {
    this.kernel = kernel;
  }

  @Override
  public PacketRing open(String device, int blockBytes, int blocks) {
    return LinuxPacketRing.open(new PacketSocket(kernel), device, blockBytes, blocks);
  }
}
