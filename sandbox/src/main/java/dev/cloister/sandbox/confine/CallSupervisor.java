package dev.cloister.sandbox.confine;

import dev.cloister.core.NativeCallException;
import dev.cloister.core.internal.os.Confining;
import dev.cloister.core.internal.os.Confining.PendingCall;
import dev.cloister.core.internal.os.Confining.Readiness;
import dev.cloister.core.internal.os.SystemCalls;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Refuses the system calls outside a guest's list, and tells which they were. It has no thread: a
 * refused call waits until its owner calls {@link #drain} or waits for the guest's output; if
 * nobody ever does, or this process dies, the call is never let through. Before {@link #seal} it
 * lets through what the start needs. Safe for use by many threads. Source: seccomp_unotify(2).
 */
public final class CallSupervisor implements AutoCloseable {
  /** How many calls one {@link #drain} answers at most. */
  public static final int CALLS_PER_DRAIN = 256;

  /** How many names are kept; further ones count under {@link #OTHERS}. */
  public static final int MOST_NAMES = 64;

  /** The name under which calls beyond {@link #MOST_NAMES} names are counted. */
  public static final String OTHERS = "others";

  private static final int EPERM = 1;
  private static final int PR_SET_PDEATHSIG = 1;
  private static final int SIGKILL = 9;
  private static final int CLONE_NEWUSER = 0x10000000;

  private final Confining system;
  private final OptionalInt listener;
  private final SystemCalls calls;
  private final Launch launch;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Long> denied = new LinkedHashMap<>();
  private final List<PendingCall> held = new ArrayList<>();
  private volatile boolean sealed;
  private boolean spawnerGone;
  private boolean closed;

  CallSupervisor(Confining system, OptionalInt listener, SystemCalls calls, Launch launch) {
    this.system = system;
    this.listener = listener;
    this.calls = calls;
    this.launch = launch;
    listener.ifPresent(system::hurry);
  }

  /**
   * Tells whether refused calls are told here at all.
   *
   * @return false where the kernel refuses them by itself
   */
  public boolean names() {
    return listener.isPresent();
  }

  /**
   * Ends the start: from now on every call outside the list is refused. To be called when the
   * guest's loader is ready, before it gets a stranger's code.
   */
  public void seal() {
    sealed = true;
  }

  /**
   * Answers what waits, at most {@value #CALLS_PER_DRAIN} calls, without blocking; while another
   * thread is at it, nothing.
   *
   * @return how many were answered; when it is the most, there may be more
   */
  public int drain() {
    if (!lock.tryLock()) {
      return 0;
    }
    try {
      return closed || listener.isEmpty() ? 0 : drain(listener.getAsInt());
    } finally {
      lock.unlock();
    }
  }

  /**
   * Returns what was refused so far.
   *
   * @return the name that came first at the head
   */
  public List<DeniedCall> denied() {
    synchronized (denied) {
      return denied.entrySet().stream()
          .map(each -> new DeniedCall(each.getKey(), each.getValue()))
          .toList();
    }
  }

  /** Stops: a call outside the list fails with ENOSYS from now on. A second call does nothing. */
  @Override
  public void close() {
    lock.lock();
    try {
      if (!closed) {
        closed = true;
        listener.ifPresent(system::close);
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * What a look saw.
   *
   * @param supervised false when there will be no further call
   * @param other whether the other descriptor has something to read, or is at its end
   */
  record Seen(boolean supervised, boolean other) {}

  /**
   * Waits a moment for a call, which it answers, or for something on another descriptor. Who made
   * the call goes on when this thread next waits: so nothing is looked at twice.
   */
  Seen look(OptionalInt other, Duration atMost) {
    // The lock is held so that no other thread closes the descriptor meanwhile.
    lock.lock();
    try {
      if (closed || listener.isEmpty()) {
        return new Seen(false, false);
      }
      var descriptor = listener.getAsInt();
      var seen =
          other.isPresent()
              ? system.ready(atMost, descriptor, other.getAsInt())
              : system.ready(atMost, descriptor);
      if (seen.getFirst() == Readiness.READABLE) {
        answerNext(descriptor);
      }
      return new Seen(
          seen.getFirst() != Readiness.ENDED,
          other.isPresent() && seen.getLast() != Readiness.QUIET);
    } finally {
      lock.unlock();
    }
  }

  /** Says that the thread which spawned is gone: what was held for that goes on. */
  void spawnerIsGone() {
    lock.lock();
    try {
      spawnerGone = true;
      if (!closed && listener.isPresent()) {
        held.forEach(call -> system.answer(listener.getAsInt(), call, 0));
      }
      held.clear();
    } finally {
      lock.unlock();
    }
  }

  private int drain(int descriptor) {
    for (var answered = 0; answered < CALLS_PER_DRAIN; answered++) {
      if (system.ready(Duration.ZERO, descriptor).getFirst() != Readiness.READABLE) {
        return answered;
      }
      if (!answerNext(descriptor)) {
        return answered;
      }
    }
    return CALLS_PER_DRAIN;
  }

  /** Answers one call; false when the descriptor cannot be read any more. */
  private boolean answerNext(int descriptor) {
    try {
      system.next(descriptor).ifPresent(call -> answer(descriptor, call));
      return true;
    } catch (NativeCallException _) {
      // It refuses every call by itself from now on.
      return false;
    }
  }

  private void answer(int descriptor, PendingCall call) {
    var name = calls.name(call.architecture(), call.number());
    if (asksToDieWithItsParent(name, call) || makesTheGuest(name, call)) {
      if (spawnerGone) {
        system.answer(descriptor, call, 0);
      } else {
        held.add(call);
      }
    } else if (!sealed && launch.needs(name)) {
      system.answer(descriptor, call, 0);
    } else {
      count(name);
      system.answer(descriptor, call, EPERM);
    }
  }

  private void count(String name) {
    synchronized (denied) {
      var kept = denied.size() < MOST_NAMES || denied.containsKey(name) ? name : OTHERS;
      denied.merge(kept, 1L, Long::sum);
    }
  }

  /**
   * Whether what watches over the guest makes the guest's first process. Until the spawner is gone
   * it has not put the limits on, and what is made earlier does not inherit them.
   */
  private boolean makesTheGuest(String name, PendingCall call) {
    return !sealed
        && launch == Launch.BUBBLEWRAP
        && name.equals("clone")
        && (call.first() & CLONE_NEWUSER) != 0;
  }

  /**
   * Whether a death is asked for that the spawner's end, which is that of the caller's parent,
   * would bring at once.
   */
  private static boolean asksToDieWithItsParent(String name, PendingCall call) {
    return name.equals("prctl")
        && (int) call.first() == PR_SET_PDEATHSIG
        && call.second() == SIGKILL;
  }
}
