package dev.cloister.sandbox.fuse;

import java.util.Arrays;

/** What the kernel may ask; enum fuse_opcode in uapi/linux/fuse.h. */
enum Opcode {
  LOOKUP(1),
  FORGET(2),
  GETATTR(3),
  SETATTR(4),
  READLINK(5),
  SYMLINK(6),
  MKNOD(8),
  MKDIR(9),
  UNLINK(10),
  RMDIR(11),
  RENAME(12),
  LINK(13),
  OPEN(14),
  READ(15),
  WRITE(16),
  STATFS(17),
  RELEASE(18),
  FSYNC(20),
  INIT(26),
  OPENDIR(27),
  READDIR(28),
  RELEASEDIR(29),
  CREATE(35),
  INTERRUPT(36),
  DESTROY(38),
  IOCTL(39),
  BATCH_FORGET(42),
  RENAME2(45),

  /**
   * All others, answered with ENOSYS. Of extended attributes, fallocate and copy_file_range the
   * kernel then makes EOPNOTSUPP or does it another way; access is its own affair under
   * default_permissions; lseek(2) it answers itself; flush and the fsync of a directory it takes
   * for done. It asks none of them again.
   */
  OTHER(0);

  private static final Opcode[] BY_NUMBER = byNumber();

  private final int number;

  Opcode(int number) {
    this.number = number;
  }

  private static Opcode[] byNumber() {
    var all = new Opcode[64];
    Arrays.fill(all, OTHER);
    for (var each : values()) {
      all[each.number] = each;
    }
    return all;
  }

  static Opcode of(int number) {
    return number >= 0 && number < BY_NUMBER.length ? BY_NUMBER[number] : OTHER;
  }

  /** Whether the kernel waits for an answer. */
  boolean answered() {
    return this != FORGET && this != BATCH_FORGET && this != INTERRUPT;
  }
}
