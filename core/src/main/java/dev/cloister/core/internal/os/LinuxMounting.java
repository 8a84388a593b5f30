package dev.cloister.core.internal.os;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/** Raw system calls on /dev/fuse and the table of mounts. */
final class LinuxMounting implements Mounting {
  private static final int AT_FDCWD = -100;
  private static final int O_RDWR_CLOEXEC = 2 | 0x80000;
  private static final int MS_NOSUID = 2;
  private static final int MS_NODEV = 4;
  private static final int MS_NOATIME = 1024;
  private static final int MNT_FORCE = 1;
  private static final int MNT_DETACH = 2;

  private final Kernel kernel;

  LinuxMounting(Kernel kernel) {
    this.kernel = kernel;
  }

  @Override
  public int openDevice() {
    try (var arena = Arena.ofConfined()) {
      var path = arena.allocateFrom("/dev/fuse");
      return (int) kernel.call("open", SystemCall.OPENAT, AT_FDCWD, path.address(), O_RDWR_CLOEXEC);
    }
  }

  @Override
  public void mount(String source, String type, String place, String options) {
    try (var arena = Arena.ofConfined()) {
      kernel.call(
          "mount",
          SystemCall.MOUNT,
          arena.allocateFrom(source).address(),
          arena.allocateFrom(place).address(),
          arena.allocateFrom(type).address(),
          MS_NOSUID | MS_NODEV | MS_NOATIME,
          arena.allocateFrom(options).address());
    }
  }

  @Override
  public void unmount(String place) {
    try (var arena = Arena.ofConfined()) {
      // FORCE ends the connection, which wakes whoever waits on the device; DETACH then takes the
      // mount away although it is in use.
      var path = arena.allocateFrom(place);
      kernel.call("umount2", SystemCall.UMOUNT2, path.address(), MNT_FORCE | MNT_DETACH);
    }
  }

  @Override
  public int receive(int device, ByteBuffer into) {
    var memory = MemorySegment.ofBuffer(into.clear());
    return (int) kernel.call("read", SystemCall.READ, device, memory.address(), memory.byteSize());
  }

  @Override
  public void send(int device, ByteBuffer frame) {
    var memory = MemorySegment.ofBuffer(frame);
    kernel.call("write", SystemCall.WRITE, device, memory.address(), memory.byteSize());
  }

  @Override
  public void close(int device) {
    kernel.libc().close(device);
  }
}
