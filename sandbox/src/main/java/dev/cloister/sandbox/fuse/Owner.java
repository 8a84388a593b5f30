package dev.cloister.sandbox.fuse;

/** Whose all files of a mount are. */
record Owner(int user, int group) {}
