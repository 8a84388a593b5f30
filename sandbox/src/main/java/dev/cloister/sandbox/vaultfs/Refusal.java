package dev.cloister.sandbox.vaultfs;

import java.nio.file.FileSystemException;

/** Why a file system refuses what no exception of NIO names; in the words of errno(3). */
enum Refusal {
  NOT_A_DIRECTORY("Not a directory"),
  IS_A_DIRECTORY("Is a directory"),
  NAME_TOO_LONG("File name too long"),
  TOO_MANY_LINKS("Too many levels of symbolic links"),
  BUSY("Device or resource busy"),
  INVALID("Invalid argument"),
  NOT_PERMITTED("Operation not permitted"),
  TOO_LARGE("File too large"),
  TOO_MANY_OPEN("Too many open files");

  private final String reason;

  Refusal(String reason) {
    this.reason = reason;
  }

  FileSystemException of(String file) {
    return new FileSystemException(file, null, reason);
  }

  FileSystemException of(String file, String why) {
    return new FileSystemException(file, null, reason + ": " + why);
  }
}
