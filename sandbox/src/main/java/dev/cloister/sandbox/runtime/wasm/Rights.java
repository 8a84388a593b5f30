package dev.cloister.sandbox.runtime.wasm;

/** The rights of descriptors, as bits. Source: WASI snapshot preview 1, {@code rights}. */
final class Rights {
  static final long DATASYNC = 1;
  static final long READ = 1 << 1;
  static final long SEEK = 1 << 2;
  static final long SET_FLAGS = 1 << 3;
  static final long SYNC = 1 << 4;
  static final long TELL = 1 << 5;
  static final long WRITE = 1 << 6;
  static final long ADVISE = 1 << 7;
  static final long ALLOCATE = 1 << 8;
  static final long CREATE_DIRECTORY = 1 << 9;
  static final long CREATE_FILE = 1 << 10;
  static final long OPEN = 1 << 13;
  static final long READ_DIRECTORY = 1 << 14;
  static final long READ_LINK = 1 << 15;
  static final long RENAME_SOURCE = 1 << 16;
  static final long RENAME_TARGET = 1 << 17;
  static final long PATH_ATTRIBUTES = 1 << 18;
  static final long PATH_SET_SIZE = 1 << 19;
  static final long PATH_SET_TIMES = 1 << 20;
  static final long ATTRIBUTES = 1 << 21;
  static final long SET_SIZE = 1 << 22;
  static final long SET_TIMES = 1 << 23;
  static final long REMOVE_DIRECTORY = 1 << 25;
  static final long UNLINK = 1 << 26;
  static final long POLL = 1 << 27;

  /** What changes a file's content. */
  static final long CHANGES = WRITE | ALLOCATE | SET_SIZE;

  private static final long BOTH = SET_FLAGS | SYNC | ADVISE | ATTRIBUTES | SET_TIMES | POLL;

  /** What means something for a file. */
  static final long OF_FILE = BOTH | DATASYNC | READ | SEEK | TELL | CHANGES;

  /** What means something for a directory. */
  static final long OF_DIRECTORY =
      BOTH
          | CREATE_DIRECTORY
          | CREATE_FILE
          | OPEN
          | READ_DIRECTORY
          | READ_LINK
          | RENAME_SOURCE
          | RENAME_TARGET
          | PATH_ATTRIBUTES
          | PATH_SET_SIZE
          | PATH_SET_TIMES
          | REMOVE_DIRECTORY
          | UNLINK;

  private Rights() {}
}
