package dev.cloister.sandbox.internal;

import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;

/** The nine bits of chmod(2) and NIO's names for them. */
public final class ModeBits {
  private ModeBits() {}

  /**
   * Adds up bits.
   *
   * @param permissions any
   * @return their bits, and no other
   */
  public static int of(Set<PosixFilePermission> permissions) {
    var bits = 0;
    for (var each : permissions) {
      bits |= bit(each);
    }
    return bits;
  }

  /**
   * Names bits.
   *
   * @param mode of which the other bits are passed over
   * @return a set that the caller may change
   */
  public static Set<PosixFilePermission> permissions(int mode) {
    var permissions = EnumSet.noneOf(PosixFilePermission.class);
    for (var each : PosixFilePermission.values()) {
      if ((mode & bit(each)) != 0) {
        permissions.add(each);
      }
    }
    return permissions;
  }

  private static int bit(PosixFilePermission permission) {
    return switch (permission) {
      case OWNER_READ -> 0400;
      case OWNER_WRITE -> 0200;
      case OWNER_EXECUTE -> 0100;
      case GROUP_READ -> 040;
      case GROUP_WRITE -> 020;
      case GROUP_EXECUTE -> 010;
      case OTHERS_READ -> 04;
      case OTHERS_WRITE -> 02;
      case OTHERS_EXECUTE -> 01;
    };
  }
}
