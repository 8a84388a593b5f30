package dev.cloister.core.internal.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cloister.core.NativeCallException;
import dev.cloister.core.testing.RequiresProgram;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The real calls, on mounts that nobody looks into. */
@RequiresProgram(
    value = {},
    root = true)
@Timeout(60)
final class MountingTest {
  private static final int INIT = 26;

  @TempDir private Path place;
  private final Mounting system = OperatingSystem.current().mounting();

  private int mounted() {
    var device = system.openDevice();
    system.mount("source", "fuse.test", place.toString(), options(device));
    return device;
  }

  private static String options(int device) {
    return "fd=" + device + ",rootmode=40000,user_id=0,group_id=0";
  }

  private static ByteBuffer buffer() {
    return ByteBuffer.allocateDirect(1 << 16).order(ByteOrder.nativeOrder());
  }

  private String mounts() throws IOException {
    return Files.readString(Path.of("/proc/self/mountinfo"));
  }

  private static void fails(String message, ThrowingCallable call) {
    assertThatExceptionOfType(NativeCallException.class).isThrownBy(call).withMessage(message);
  }

  @Test
  void theKernelBeginsToTalkAndSaysWhenItIsOver() throws IOException {
    var device = mounted();
    assertThat(mounts()).containsPattern(place + " rw,nosuid,nodev,noatime .*fuse.test source ");
    var frame = buffer();
    assertThat(system.receive(device, frame)).isEqualTo(frame.getInt(0)).isGreaterThan(40);
    assertThat(frame.getInt(4)).isEqualTo(INIT);
    var answer = buffer();
    answer.putInt(16).putInt(-71).putLong(frame.getLong(8)).flip();
    system.send(device, answer);
    system.unmount(place.toString());
    assertThat(mounts()).doesNotContain(place.toString());
    fails("read failed: ENODEV", () -> system.receive(device, frame));
    system.close(device);
  }

  @Test
  void whoeverWaitsOnTheDeviceIsWokenByTheEnd() throws Exception {
    var device = mounted();
    var _ = system.receive(device, buffer());
    var waiting =
        new FutureTask<Integer>(() -> {
          try {
            return system.receive(device, buffer());
          } catch (NativeCallException e) {
            return -e.errno();
          }
        });
    Thread.ofPlatform().daemon().start(waiting);
    system.unmount(place.toString());
    assertThat(waiting.get(30, TimeUnit.SECONDS)).isEqualTo(-19);
    system.close(device);
  }

  @Test
  void whatTheKernelRefusesIsAnErrno() {
    var device = system.openDevice();
    var missing = place.resolve("missing").toString();
    fails("mount failed: ENOENT", () -> system.mount("s", "fuse", missing, options(device)));
    fails("mount failed: EINVAL", () -> system.mount("s", "fuse", place.toString(), "fd=x"));
    fails("umount2 failed: EINVAL", () -> system.unmount(place.toString()));
    fails("read failed: EPERM", () -> system.receive(device, buffer()));
    system.close(device);
    fails("write failed: EBADF", () -> system.send(-1, buffer()));
  }
}
