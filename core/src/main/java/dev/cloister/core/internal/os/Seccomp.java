package dev.cloister.core.internal.os;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The one call that puts a seccomp program on; seccomp(2). Made before it is needed: a thread that
 * is restricted already loads no class.
 */
final class Seccomp {
  private static final int SET_MODE_FILTER = 1;

  private final Kernel kernel;

  Seccomp(Kernel kernel) {
    this.kernel = kernel;
  }

  /**
   * Puts a program on.
   *
   * @param program struct sock_filter[], 8 bytes an instruction
   * @param flags SECCOMP_FILTER_FLAG_…
   * @return what the call returns
   */
  long install(byte[] program, int flags) {
    try (var arena = Arena.ofConfined()) {
      var instructions = arena.allocate(program.length, 8);
      MemorySegment.copy(program, 0, instructions, JAVA_BYTE, 0, program.length);
      var described = arena.allocate(16, 8);
      described.set(JAVA_SHORT, 0, (short) (program.length / 8));
      described.set(JAVA_LONG, 8, instructions.address());
      return kernel.call(
          "seccomp", SystemCall.SECCOMP, SET_MODE_FILTER, flags, described.address());
    }
  }
}
