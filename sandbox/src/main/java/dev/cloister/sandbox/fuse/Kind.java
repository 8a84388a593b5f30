package dev.cloister.sandbox.fuse;

/** What a name stands for; what is none of these is not shown. */
enum Kind {
  FILE(0100000),
  DIRECTORY(0040000),
  LINK(0120000);

  private final int format;

  Kind(int format) {
    this.format = format;
  }

  /** The bits of st_mode that tell it; inode(7). */
  int format() {
    return format;
  }

  /** As getdents(2) tells it. */
  int entryType() {
    return format >> 12;
  }
}
