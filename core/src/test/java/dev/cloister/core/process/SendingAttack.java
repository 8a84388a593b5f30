package dev.cloister.core.process;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cloister.core.internal.os.OperatingSystem;
import dev.cloister.core.internal.os.PacketRing;
import dev.cloister.core.internal.os.RawCall;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What code tries that found its way into a process with a capture socket: to send by it. A word
 * and the answer for each.
 */
final class SendingAttack {
  private static final int BLOCK_BYTES = 4096;

  /** With a page to send from it would be 2 MiB: so there are two. */
  private static final int BLOCKS = 511;

  private static final int RING_BYTES = BLOCK_BYTES * BLOCKS;
  private static final int PAGE_BYTES = 4096;
  private static final int BOTH_BYTES = RING_BYTES + 2 * PAGE_BYTES;
  private static final byte[] EVERYTHING = {6, 0, 0, 0, 0, 0, 4, 0};
  private static final int FRAME_BYTES = 60;

  private static final int SOL_PACKET = 263;
  private static final int PACKET_TX_RING = 13;
  private static final int MAP_SHARED = 1;
  private static final int MAP_PRIVATE = 2;
  private static final int PROT_READ_WRITE = 3;

  /** struct tpacket3_hdr of linux/if_packet.h, and where a frame begins behind it. */
  private static final int LENGTH = 16;

  private static final int STATUS = 20;
  private static final int SEND_REQUEST = 1;
  private static final int DATA = 48;

  private final PacketRing ring;
  private final int descriptor;
  private final MemorySegment frame = Arena.global().allocate(FRAME_BYTES);
  private final MemorySegment nothing = Arena.global().allocate(64);

  private SendingAttack(PacketRing ring, int descriptor) {
    this.ring = ring;
    this.descriptor = descriptor;
  }

  /** Captures from the loopback, as a link does before the seal. */
  static SendingAttack onLoopback() throws IOException {
    var ring = OperatingSystem.current().capturing().open("lo", BLOCK_BYTES, BLOCKS);
    ring.listen(false, PacketRing.ALONE, EVERYTHING);
    return new SendingAttack(ring, onlySocket());
  }

  private static int onlySocket() throws IOException {
    try (var descriptors = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
      for (var each : descriptors) {
        if (Files.isSymbolicLink(each)
            && Files.readSymbolicLink(each).toString().startsWith("socket:")) {
          return Integer.parseInt(each.getFileName().toString());
        }
      }
    }
    throw new IOException("no socket is open");
  }

  void tryAll(Path directory) throws IOException {
    say("write", call("write", descriptor, frame.address(), FRAME_BYTES));
    say("sendto", call("sendto", descriptor, frame.address(), FRAME_BYTES, 0, 0, 0));
    say("sendmsg", call("sendmsg", descriptor, nothing.address(), 0));
    say("sendfile", sentFile(directory));
    say(
        "ring-taken-away",
        call("setsockopt", descriptor, SOL_PACKET, PACKET_TX_RING, nothing.address(), 28));
    say("ring-of-2-mib", mapped(2 << 20, MAP_SHARED));
    say("ring-of-a-page", mapped(PAGE_BYTES, MAP_SHARED));
    say("ring-of-its-own", sentByRing(MAP_PRIVATE));
    say("ring", sentByRing(MAP_SHARED));
    IO.println("sends the link is " + ring.link());
  }

  private String sentFile(Path directory) throws IOException {
    var file = Files.write(directory.resolve("frame"), "f".repeat(FRAME_BYTES).getBytes(UTF_8));
    var name = Arena.global().allocateFrom(file.toString());
    var from = Integer.parseInt(call("openat", -100, name.address(), 0));
    return call("sendfile", descriptor, from, 0, FRAME_BYTES);
  }

  /** Maps both rings anew, puts a frame into the one to send from, and has the kernel look. */
  @SuppressWarnings("restricted") // It is an attack.
  private String sentByRing(int flags) {
    var answer = mapped(BOTH_BYTES, flags);
    if (answer.startsWith("E")) {
      return answer;
    }
    var slot = MemorySegment.ofAddress(Long.parseLong(answer) + RING_BYTES).reinterpret(PAGE_BYTES);
    slot.set(ValueLayout.JAVA_INT, LENGTH, FRAME_BYTES);
    MemorySegment.copy(frame, 0, slot, DATA, FRAME_BYTES);
    slot.set(ValueLayout.JAVA_INT, STATUS, SEND_REQUEST);
    return call("write", descriptor, frame.address(), FRAME_BYTES);
  }

  private String mapped(int bytes, int flags) {
    return call("mmap", 0, bytes, PROT_READ_WRITE, flags, descriptor, 0);
  }

  private static String call(String name, long... arguments) {
    var number = OperatingSystem.current().hardening().calls().number(name).orElseThrow();
    return RawCall.answer(number, arguments);
  }

  private static void say(String act, String answer) {
    IO.println("sends " + act + " " + answer);
  }
}
