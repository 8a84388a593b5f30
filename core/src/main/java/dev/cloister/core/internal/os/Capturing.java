package dev.cloister.core.internal.os;

import dev.cloister.core.NativeCallException;

/**
 * What capturing from a network interface wants of the system. Whatever the kernel refuses throws
 * {@link NativeCallException}. Source: packet(7), netdevice(7).
 */
public sealed interface Capturing permits LinuxCapturing {

  /**
   * Makes a ring that an interface will write its frames to, and hears nothing yet. Needs
   * CAP_NET_RAW.
   *
   * @param device the interface's name
   * @param blockBytes the size of a block, a multiple of a page
   * @param blocks how many there are
   * @return the ring
   */
  PacketRing open(String device, int blockBytes, int blocks);
}
