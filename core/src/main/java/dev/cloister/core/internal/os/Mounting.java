package dev.cloister.core.internal.os;

import dev.cloister.core.NativeCallException;
import java.nio.ByteBuffer;

/**
 * What serving a file system in user space wants of the kernel. Safe for use by many threads, also
 * on one descriptor. Whatever the kernel refuses throws {@link NativeCallException}. Source:
 * fuse(4), mount(2), umount(2).
 */
public sealed interface Mounting permits LinuxMounting {

  /**
   * Opens the device on which the kernel asks.
   *
   * @return a descriptor of {@code /dev/fuse}, close-on-exec, of no mount yet
   */
  int openDevice();

  /**
   * Mounts what is served on a device; no setuid, no devices, no access times.
   *
   * @param source what stands for the device in the table of mounts
   * @param type {@code fuse}, or {@code fuse.} and a word of one's own
   * @param place a directory
   * @param options as in fuse(4), the descriptor among them
   */
  void mount(String source, String type, String place, String options);

  /**
   * Takes a served mount away, whoever uses it: what is asked of it fails from then on, in every
   * other place that shows it too, and the device says that it is over.
   *
   * @param place where it is mounted
   */
  void unmount(String place);

  /**
   * Waits for the kernel's next request.
   *
   * @param device from {@link #openDevice}, mounted
   * @param into a direct buffer, filled from its start
   * @return how many bytes came
   */
  int receive(int device, ByteBuffer into);

  /**
   * Gives the kernel one answer.
   *
   * @param device from {@link #openDevice}, mounted
   * @param frame what remains in this direct buffer
   */
  void send(int device, ByteBuffer frame);

  /**
   * Closes a descriptor; its mount dies with the last.
   *
   * @param device which
   */
  void close(int device);
}
