package dev.cloister.core.internal.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cloister.core.NativeCallException;
import dev.cloister.core.internal.os.PacketRing.Link;
import dev.cloister.core.testing.RequiresProgram;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The real calls, on the loopback of a network in which nobody else is. */
@RequiresProgram(
    value = {"ip"},
    root = true)
@Timeout(60)
final class PacketRingTest {
  private static final int BLOCK_BYTES = 4096;
  private static final byte[] EVERYTHING = {6, 0, 0, 0, 0, 0, 4, 0};
  private static final byte[] FRAME = new byte[60];

  private final Kernel kernel = new Kernel(new FfmLibc(), Architecture.current().orElseThrow());

  private interface Work {
    void run() throws Exception;
  }

  /** Does something on a thread in a network of its own, which ends with what was opened there. */
  private static void alone(Work work) throws Exception {
    var name = "cloister-" + ProcessHandle.current().pid() + "-ring";
    run("netns", "add", name);
    try {
      run("-n", name, "link", "set", "lo", "up");
      var task =
          new FutureTask<>(() -> {
            OperatingSystem.current().confining().enterNetwork("/run/netns/" + name);
            work.run();
            return true;
          });
      Thread.ofPlatform().start(task);
      task.get();
    } finally {
      run("netns", "del", name);
    }
  }

  private static void run(String... arguments) throws Exception {
    var command = new ArrayList<>(List.of("ip"));
    command.addAll(List.of(arguments));
    assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
  }

  /** Hands bytes to a socket to send; returns what write(2) answers. */
  private long send(PacketSocket socket) {
    try (var arena = Arena.ofConfined()) {
      var bytes = arena.allocate(FRAME.length);
      bytes.copyFrom(MemorySegment.ofArray(FRAME));
      return kernel.call(
          "write", SystemCall.WRITE, socket.descriptor(), bytes.address(), bytes.byteSize());
    }
  }

  private static void hear(PacketRing ring) {
    ring.listen(false, PacketRing.ALONE, EVERYTHING);
  }

  private static int frames(PacketRing ring) {
    var block = new RingBlock(BLOCK_BYTES);
    var count = 0;
    for (var quiet = 0; quiet < 3; ) {
      if (ring.take(block)) {
        while (block.next()) {
          count++;
        }
      } else {
        quiet++;
        ring.await(TimeUnit.MILLISECONDS.toNanos(30));
      }
    }
    return count;
  }

  @Test
  void aSocketWithARingSendsNothingThatItIsHanded() throws Exception {
    alone(() -> {
      try (var witness = LinuxPacketRing.open(new PacketSocket(kernel), "lo", 4096, 4)) {
        hear(witness);
        var plain = new PacketSocket(kernel);
        plain.bind(plain.interfaceIndex("lo"));
        assertThat(send(plain)).isEqualTo(FRAME.length);
        plain.close();
        assertThat(frames(witness)).isOne();
        var socket = new PacketSocket(kernel);
        try (var ring = LinuxPacketRing.open(socket, "lo", BLOCK_BYTES, 4)) {
          hear(ring);
          assertThat(send(socket)).isZero();
          assertThat(frames(witness)).isZero();
          assertThat(frames(ring)).isZero();
        }
      }
    });
  }

  @Test
  void theFilterIsThereBeforeTheFirstFrameAndIsLocked() throws Exception {
    alone(() -> {
      var socket = new PacketSocket(kernel);
      try (var ring = LinuxPacketRing.open(socket, "lo", BLOCK_BYTES, 4)) {
        hear(ring);
        assertThatExceptionOfType(NativeCallException.class)
            .isThrownBy(() -> socket.filter(EVERYTHING))
            .withMessage("setsockopt(SO_ATTACH_FILTER) failed: EPERM");
      }
    });
  }

  @Test
  void afterTheCloseNothingComesAndNothingBreaks() throws Exception {
    alone(() -> {
      var ring = LinuxPacketRing.open(new PacketSocket(kernel), "lo", BLOCK_BYTES, 4);
      hear(ring);
      ring.close();
      ring.close();
      assertThat(ring.take(new RingBlock(BLOCK_BYTES))).isFalse();
      assertThat(ring.seen()).isEqualTo(new PacketRing.Seen(0, 0));
      assertThat(ring.link()).isEqualTo(Link.GONE);
      ring.await(TimeUnit.MINUTES.toNanos(10));
    });
  }

  @Test
  void whatCannotBeMappedLeavesNoDescriptor() throws Exception {
    alone(() -> {
      var before = descriptors();
      assertThatExceptionOfType(NativeCallException.class)
          .isThrownBy(() -> LinuxPacketRing.open(new PacketSocket(kernel), "lo", 5000, 4))
          .withMessage("setsockopt(PACKET_RX_RING) failed: EINVAL");
      assertThat(descriptors()).isEqualTo(before);
    });
  }

  private static long descriptors() throws IOException {
    try (var open = Files.list(Path.of("/proc/self/fd"))) {
      return open.count();
    }
  }
}
