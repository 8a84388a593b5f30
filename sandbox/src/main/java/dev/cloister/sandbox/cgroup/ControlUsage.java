package dev.cloister.sandbox.cgroup;

import java.util.OptionalLong;

/**
 * What one function's processes have used, as the kernel counts it, the dead ones too. A number
 * that this host does not count is empty, never zero.
 *
 * @param cpuNanos processor time, user and system; with what a process had used before it entered,
 *     and with what a host's thread used while it was inside to spawn
 * @param memoryBytes memory held now; what a process held before it entered is not in it
 * @param memoryPeakBytes the most that was held at once
 * @param oomKills processes that the kernel killed for want of memory within the limit
 * @param processes processes and threads that live now
 * @param deniedForks attempts to make one more that the limit refused
 * @param throttledPeriods periods in which the function had used up its share of the processor
 * @param throttledNanos how long its runnable threads were held back for that, summed
 */
public record ControlUsage(
    OptionalLong cpuNanos,
    OptionalLong memoryBytes,
    OptionalLong memoryPeakBytes,
    OptionalLong oomKills,
    OptionalLong processes,
    OptionalLong deniedForks,
    OptionalLong throttledPeriods,
    OptionalLong throttledNanos) {}
