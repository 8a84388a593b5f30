package dev.cloister.core.internal.os;

/** Packet sockets of the kernel, and filters of libpcap. */
final class LinuxCapturing implements Capturing {
  /** What the registry calls 101, libpcap calls by its old number, which differs by system. */
  private static final int LINKTYPE_RAW = 101;

  private static final int DLT_RAW = 12;

  private final Kernel kernel;

  LinuxCapturing(Kernel kernel) {
    this.kernel = kernel;
  }

  @Override
  public PacketRing open(String device, int blockBytes, int blocks) {
    return LinuxPacketRing.open(new PacketSocket(kernel), device, blockBytes, blocks);
  }

  @Override
  public byte[] compile(String expression, int linkType, int snapBytes) {
    return kernel
        .libc()
        .compileFilter(expression, linkType == LINKTYPE_RAW ? DLT_RAW : linkType, snapBytes);
  }
}
