/**
 * Puts a guest program behind what the kernel offers without a container: an allow-list of system
 * calls, rules for files, limits, and as root a user of its own. One thread of the caller's takes
 * it all on, starts the guest, and ends; this process stays free.
 *
 * <p>What each layer rests on, and what defeats it:
 *
 * <ul>
 *   <li><b>System calls</b> ({@link dev.cloister.sandbox.confine.SystemCallFilter}; seccomp):
 *       numbers and arguments in registers. It sees nothing behind a pointer. What is allowed is
 *       trusted to the kernel: a fault in an allowed call is a way out. Before the seal, what the
 *       start needs is let through after a look that the caller could outrun by changing memory: so
 *       no stranger's code runs before it. A refused call waits for its owner's answer; a guest
 *       that makes many slows itself.
 *   <li><b>Files</b> ({@link dev.cloister.sandbox.confine.FileRules}; Landlock): opening, making,
 *       removing. Not covered: names, sizes and times of files (stat), connecting to a Unix socket
 *       by its path, and whatever the kernel's version lacks, which {@link
 *       dev.cloister.sandbox.confine.Confinement} lists. The filter has no socket for that.
 *   <li><b>User</b> ({@link dev.cloister.sandbox.confine.FunctionIdentity}): the kernel's oldest
 *       check, and the only one that holds where both others fail. Without root the guest has this
 *       process's user: then only the two above keep it from this user's files and processes.
 *   <li><b>Limits</b> ({@link dev.cloister.sandbox.confine.ChildLimits}): each process alone. They
 *       are the guest's limits as long as fork is refused.
 *   <li><b>Death</b>: where fork is refused, killing the one process ends the guest; otherwise its
 *       process group is killed, which it can leave only by setsid or setpgid, in no list of ours;
 *       or a cgroup or process namespace does it. If this process is killed, refused calls fail
 *       with ENOSYS from then on, and the standard streams end; a guest that ignores that runs on,
 *       to its limit of processor time, or for ever if it sleeps, unless its loader called {@code
 *       prctl(PR_SET_PDEATHSIG, SIGKILL)} before it ran a stranger's code. The filter lets that be
 *       asked and not be taken back. It holds while the thread lives to which the kernel gives the
 *       child when the spawning thread is gone: the process's first, which in a program started by
 *       {@code java} lives to the end. The loader may ask once this process has spoken to it, not
 *       earlier: until then the spawning thread's end would kill it. Bubblewrap asks earlier, and
 *       its call is held until then.
 * </ul>
 *
 * <p>All of it shares the machine's kernel with the guest, and keeps out no attacker of the kernel
 * itself; nor does it hide timing, load, or the processor's side channels.
 *
 * <p>Depends on core's native calls and exceptions.
 */
package dev.cloister.sandbox.confine;
