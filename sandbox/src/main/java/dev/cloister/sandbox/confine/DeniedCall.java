package dev.cloister.sandbox.confine;

/**
 * A system call that a guest was refused.
 *
 * @param name as in syscalls(2), or {@code call N} for a number that has no name here
 * @param count how often
 */
public record DeniedCall(String name, long count) {}
