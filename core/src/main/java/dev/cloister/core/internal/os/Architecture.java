package dev.cloister.core.internal.os;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** The architectures whose system calls are known here, all 64 bit and little-endian. */
public enum Architecture {
  /** As the kernel's headers asm/unistd_64.h number it. */
  X86_64("amd64", 0xC000003E),

  /** As the kernel's headers asm-generic/unistd.h number it. */
  AARCH64("aarch64", 0xC00000B7);

  private final String javaName;
  private final int auditNumber;

  Architecture(String javaName, int auditNumber) {
    this.javaName = javaName;
    this.auditNumber = auditNumber;
  }

  /**
   * Returns the number by which a seccomp program tells this architecture.
   *
   * @return AUDIT_ARCH_… of linux/audit.h
   */
  public int auditNumber() {
    return auditNumber;
  }

  /**
   * Returns the architecture of this process.
   *
   * @return empty when it is another
   */
  public static Optional<Architecture> current() {
    return Arrays.stream(values())
        .filter(each -> each.javaName.equals(System.getProperty("os.arch")))
        .findFirst();
  }

  /**
   * Says that this process runs on another.
   *
   * @return the reason why nothing can be confined
   */
  public static String unknown() {
    return "no table of system calls for os.arch "
        + System.getProperty("os.arch")
        + ": known are "
        + Arrays.stream(values()).map(each -> each.javaName).collect(Collectors.joining(", "));
  }
}
