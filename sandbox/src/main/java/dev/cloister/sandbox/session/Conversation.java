package dev.cloister.sandbox.session;

import dev.cloister.core.ContextDestroyed;
import dev.cloister.core.Denied;
import dev.cloister.core.PolicyRejected;
import dev.cloister.core.TimeSource;
import dev.cloister.sandbox.session.Frames.Frame;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A server's end of one conversation: whatever the client sends, it ends by one cause, each of its
 * waits has an end, and no more is held than came. One thread runs it; {@link #end} and {@link
 * #tick} are for any.
 */
final class Conversation {
  /** How long a client may take to hear why its conversation is over. */
  private static final Duration LAST_WORD = Duration.ofSeconds(2);

  /** For how long a client that has said hello keeps its place, whatever others want. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final CellChannel channel;
  private final ServerLimits limits;
  private final TimeSource time;
  private final Consumer<SessionCounter> counted;
  private final Frames frames;
  private final Answering answering;
  private int clientFrameBytes = Greeting.FRAME_BYTES_LEAST;

  /** Since when this waits for its client to have said something whole. */
  private volatile long quietSince;

  private volatile boolean greeted;

  /** What this waits for in the channel, and until when; for {@link #tick}. */
  private volatile @Nullable Due due;

  /** Guarded by this, as is the next. */
  private @Nullable SessionCounter ended;

  private @Nullable Thread atTheHost;

  /** Until when something must have happened, and what it is counted as when it has not. */
  private record Due(long until, SessionCounter late) {}

  Conversation(
      CellChannel channel,
      ServerLimits limits,
      TimeSource time,
      Held held,
      Answering answering,
      Consumer<SessionCounter> counted) {
    this.channel = channel;
    this.limits = limits;
    this.time = time;
    this.counted = counted;
    this.frames = new Frames(channel, time, held);
    this.answering = answering;
    this.quietSince = time.nanoTime();
  }

  /** Talks until the end; returns its cause. */
  SessionCounter run() {
    try {
      greet();
      for (var requests = 0; ; requests++) {
        var frame = next();
        if (requests == limits.requests()) {
          throw new Broken(SessionCounter.SPENT);
        }
        answer(frame);
      }
    } catch (Broken e) {
      var cause = endedBy(e.by);
      tell(cause);
      return cause;
    } finally {
      due = null;
      frames.release();
    }
  }

  private void greet() throws Broken {
    var until = in(limits.hello(), SessionCounter.NO_HELLO);
    if (!frames.begin(until, SessionCounter.NO_HELLO)) {
      throw new Broken(SessionCounter.NO_HELLO);
    }
    clientFrameBytes =
        Greeting.readHello(frames.finish(Greeting.BYTES_MAX, until, SessionCounter.NO_HELLO));
    greeted = true;
    quietSince = time.nanoTime();
    write(Greeting.WELCOME, Greeting.welcome(limits));
  }

  private Frame next() throws Broken {
    if (!frames.begin(in(limits.idle(), SessionCounter.IDLE), SessionCounter.IDLE)) {
      throw new Broken(SessionCounter.LEFT);
    }
    var until = in(limits.frame(), SessionCounter.LATE);
    return frames.finish(limits.frameBytes(), until, SessionCounter.LATE);
  }

  private long in(Duration time, SessionCounter late) {
    var until = this.time.nanoTime() + time.toNanos();
    due = new Due(until, late);
    return until;
  }

  private void answer(Frame frame) throws Broken {
    try {
      due = null;
      var ask = Ask.of(frame.type).orElseThrow(() -> new Broken(SessionCounter.UNKNOWN_TYPE));
      frames.take(frame.fields.sizeBytes() > Frames.FIRST_BYTES ? frame.fields.sizeBytes() : 0);
      counted.accept(SessionCounter.REQUESTS);
      var answer = answered(ask, frame.fields);
      frame.fields.wipe();
      if (answer.body.sizeBytes() > Frames.FIRST_BYTES) {
        frames.take(answer.body.sizeBytes());
      }
      var fitting = fitting(answer);
      quietSince = time.nanoTime();
      write(fitting.type, fitting.body);
    } finally {
      frames.release();
    }
  }

  /** What the host throws is an answer, without a word that is not for the client. */
  private Answer answered(Ask ask, Fields in) throws Broken {
    enterHost();
    try {
      var answer = answering.answer(ask, in);
      counted.accept(SessionCounter.ANSWERED);
      return answer;
    } catch (Denied e) {
      return refused(SessionCounter.DENIED, Fault.of(e));
    } catch (PolicyRejected e) {
      return refused(SessionCounter.DENIED, Fault.of(e));
    } catch (ContextDestroyed _) {
      return refused(SessionCounter.OVER, Fault.over());
    } catch (IOException | RuntimeException e) {
      stopIfInterrupted();
      return refused(SessionCounter.FAILED, Fault.failed(Answering.words(ask, e)));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw new Broken(SessionCounter.STOPPED);
    } finally {
      leaveHost();
    }
  }

  private Answer refused(SessionCounter cause, Fault fault) {
    counted.accept(cause);
    return Answer.of(fault);
  }

  private static void stopIfInterrupted() throws Broken {
    if (Thread.currentThread().isInterrupted()) {
      throw new Broken(SessionCounter.STOPPED);
    }
  }

  private synchronized void enterHost() throws Broken {
    if (ended != null) {
      throw new Broken(ended);
    }
    atTheHost = Thread.currentThread();
  }

  /** An interruption by {@link #end} is not the caller's. */
  private synchronized void leaveHost() {
    atTheHost = null;
    if (ended != null) {
      var _ = Thread.interrupted();
    }
  }

  private Answer fitting(Answer answer) {
    var sizeBytes = answer.body.sizeBytes();
    return sizeBytes < clientFrameBytes
        ? answer
        : Answer.of(
            Fault.limit(
                "frameBytes",
                "an answer of %d bytes: your hello takes %d"
                    .formatted(sizeBytes, clientFrameBytes)));
  }

  private void write(int type, Body body) throws Broken {
    frames.write(body.frame(type), in(limits.frame(), SessionCounter.NOT_TAKEN));
    body.wipe();
  }

  /** Says why this is over, to a client that may listen. */
  private void tell(SessionCounter cause) {
    var fault = lastWord(cause);
    if (fault == null) {
      return;
    }
    try {
      frames.write(fault.body().frame(Answer.FAULT), in(LAST_WORD, cause));
    } catch (Broken _) {
      // The cause stays what it was.
    }
  }

  private @Nullable Fault lastWord(SessionCounter cause) {
    return switch (cause) {
      case WRONG_VERSION ->
          new Fault(Fault.Kind.REFUSED, "version", "spoken is " + Greeting.VERSION);
      case MALFORMED, UNKNOWN_TYPE, OUT_OF_TURN ->
          new Fault(Fault.Kind.REFUSED, cause.label(), "read protocol.md of version 1");
      case TOO_LONG -> Fault.limit("frameBytes", "a frame has at most " + limits.frameBytes());
      case SPENT ->
          Fault.limit("requests", limits.requests() + " in one conversation: begin another");
      case NO_ROOM -> Fault.limit("bytesTogether", "too much is held now: come again later");
      case BUSY ->
          new Fault(
              Fault.Kind.BUSY, "connections", limits.connections() + " are open: come again later");
      default -> null;
    };
  }

  /** Ends this before it begins. */
  void refuse(SessionCounter cause) {
    tell(cause);
  }

  private synchronized SessionCounter endedBy(SessionCounter found) {
    if (ended == null) {
      var interrupted = found == SessionCounter.BROKEN && Thread.currentThread().isInterrupted();
      ended = interrupted ? SessionCounter.STOPPED : found;
    }
    return ended;
  }

  /** Ends this by a cause, unless it has one, from any thread; what it waits for is given up. */
  synchronized void end(SessionCounter cause) {
    if (ended == null) {
      ended = cause;
      if (atTheHost != null) {
        atTheHost.interrupt();
      }
    }
    try {
      channel.close();
    } catch (IOException _) {
      // Closed as far as it can be.
    }
  }

  /**
   * Tells for how many nanoseconds this has waited for its client; whether that is so long that it
   * may make room for another, {@link #mayMakeRoom} says.
   */
  long quietNanos() {
    return time.nanoTime() - quietSince;
  }

  /** Before its hello at once, after it when its client has been quiet for a while; never else. */
  boolean mayMakeRoom() {
    return due != null && (!greeted || quietNanos() > PATIENCE.toNanos());
  }

  /** Ends this when what it waits for is late; returns the nanoseconds until it may be. */
  long tick() {
    var waits = due;
    if (waits == null) {
      return Long.MAX_VALUE;
    }
    var left = waits.until - time.nanoTime();
    if (left <= 0) {
      end(waits.late);
    }
    return Math.max(0, left);
  }
}
