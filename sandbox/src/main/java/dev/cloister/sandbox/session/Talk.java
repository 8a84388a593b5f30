package dev.cloister.sandbox.session;

import dev.cloister.core.TimeSource;
import dev.cloister.core.internal.Failures;
import dev.cloister.sandbox.session.Frames.Frame;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * A client's end of one conversation: whatever the node sends, a question has one answer or one
 * clear error, within its time. One thread asks at a time; {@link #close} is for any.
 */
final class Talk implements AutoCloseable {
  private final CellChannel channel;
  private final ClientLimits limits;
  private final TimeSource time;
  private final Frames frames;
  private final Greeting.Told told;

  /** Until when the answers must have begun to which requests were asked ahead. */
  private final Deque<Long> ahead = new ArrayDeque<>();

  private long asked;
  private long lastNanos;
  private volatile boolean over;

  private Talk(CellChannel channel, ClientLimits limits, TimeSource time) throws IOException {
    this.channel = channel;
    this.limits = limits;
    this.time = time;
    this.frames = new Frames(channel, time, new Held(Long.MAX_VALUE));
    this.told = greeted();
    this.lastNanos = time.nanoTime();
  }

  /** What a node said: there is such a thing, or there is none. */
  record Reply(Frame frame) {

    boolean isNone() {
      return frame.type == Answer.NONE;
    }

    /** The fields of what there must be. */
    Fields some() throws Broken {
      if (frame.type != Answer.OK) {
        throw new Broken(SessionCounter.UNKNOWN_TYPE);
      }
      return frame.fields;
    }

    /** The fields of what says that there is none. */
    Fields none() throws Broken {
      if (frame.type != Answer.NONE) {
        throw new Broken(SessionCounter.UNKNOWN_TYPE);
      }
      return frame.fields;
    }
  }

  /** Makes something of an answer. */
  @FunctionalInterface
  interface Reader<T> {
    T read(Reply reply) throws Broken;
  }

  static Talk open(Dialer dialer, ClientLimits limits, TimeSource time) throws IOException {
    var channel = dialer.open(limits.dial());
    try {
      return new Talk(channel, limits, time);
    } catch (IOException | RuntimeException e) {
      Failures.undo(e, channel::close);
      throw e;
    }
  }

  private Greeting.Told greeted() throws IOException {
    var hello = Greeting.hello(limits.frameBytes());
    try {
      var frame = exchange(Greeting.HELLO, hello, Duration.ZERO);
      if (frame.type == Answer.FAULT) {
        throw Fault.read(frame.fields).thrown();
      }
      return Greeting.readWelcome(frame);
    } catch (Broken e) {
      throw failure(e);
    }
  }

  private Frame exchange(int type, Body body, Duration within) throws Broken {
    write(type, body);
    return answer(within);
  }

  private void write(int type, Body body) throws Broken {
    frames.write(body.frame(type), time.nanoTime() + limits.frame().toNanos());
  }

  private Frame answer(Duration within) throws Broken {
    begin(late(time.nanoTime(), within));
    return finish();
  }

  /** Returns when an answer is late that the node may wait so long with. */
  private long late(long from, Duration within) {
    return from + limits.answer().plus(within).toNanos();
  }

  private void begin(long until) throws Broken {
    if (!frames.begin(until, SessionCounter.LATE)) {
      throw new Broken(SessionCounter.LEFT);
    }
  }

  private Frame finish() throws Broken {
    try {
      return frames.finish(
          limits.frameBytes(), time.nanoTime() + limits.frame().toNanos(), SessionCounter.LATE);
    } finally {
      frames.release();
    }
  }

  /**
   * Asks, and waits for the answer.
   *
   * @param body its fields, which are zeroed
   * @param within what the request itself lets the node wait
   * @param reader what makes something of the answer
   * @throws IOException when there is no answer, or it says that the request failed
   * @throws dev.cloister.core.Denied when the node refuses
   */
  <T> T ask(Ask ask, Body body, Duration within, Reader<T> reader) throws IOException {
    put(ask, body);
    try {
      return read(answer(within), reader);
    } catch (Broken e) {
      throw failure(e);
    }
  }

  /**
   * Asks several times at once, in one write, and leaves the answers for {@link #answerAhead};
   * nothing else is asked before those.
   *
   * @param bodies the fields of each
   * @param within what each request lets the node wait
   * @throws IOException when they are not taken
   */
  void askAhead(Ask ask, List<Body> bodies, Duration within) throws IOException {
    var asking = bodies.stream().map(body -> body.frame(ask.type)).toList();
    var together = ByteBuffer.allocate(asking.stream().mapToInt(ByteBuffer::remaining).sum());
    asking.forEach(together::put);
    over = true;
    try {
      frames.write(together.flip(), time.nanoTime() + limits.frame().toNanos());
    } catch (Broken e) {
      throw failure(e);
    }
    for (var i = 0; i < bodies.size(); i++) {
      ahead.addLast(late(ahead.isEmpty() ? time.nanoTime() : ahead.getLast(), within));
    }
    asked += bodies.size();
    over = false;
  }

  /** Tells whether an answer is still to be read. */
  boolean isAhead() {
    return !ahead.isEmpty();
  }

  /**
   * Waits for the answer to the first request that was asked ahead.
   *
   * @param most how long; it can be waited for again
   * @return empty when it is not here in this time
   */
  <T> Optional<T> answerAhead(Duration most, Reader<T> reader) throws IOException {
    var until = time.nanoTime() + most.toNanos();
    var late = ahead.getFirst();
    try {
      begin(Math.min(until, late));
    } catch (Broken e) {
      if (e.by == SessionCounter.LATE && until < late) {
        return Optional.empty();
      }
      over = true;
      throw failure(e);
    }
    over = true;
    ahead.removeFirst();
    try {
      return Optional.of(read(finish(), reader));
    } catch (Broken e) {
      throw failure(e);
    }
  }

  private void put(Ask ask, Body body) throws IOException {
    if (body.sizeBytes() >= told.frameBytes()) {
      throw new IOException(
          "a request of %d bytes: the node takes %d"
              .formatted(body.sizeBytes(), told.frameBytes()));
    }
    over = true;
    try {
      write(ask.type, body);
      asked++;
    } catch (Broken e) {
      throw failure(e);
    } finally {
      body.wipe();
    }
  }

  private <T> T read(Frame frame, Reader<T> reader) throws IOException, Broken {
    lastNanos = time.nanoTime();
    if (frame.type == Answer.FAULT) {
      throw faulty(Fault.read(frame.fields));
    }
    var answer = reader.read(new Reply(frame));
    over = false;
    return answer;
  }

  /** Asks for nothing but that something be done. */
  void tell(Ask ask, Body body) throws IOException {
    ask(
        ask,
        body,
        Duration.ZERO,
        reply -> {
          reply.some().end();
          return reply;
        });
  }

  /** After these a node talks on. */
  private IOException faulty(Fault fault) {
    over =
        switch (fault.kind()) {
          case REFUSED, LIMIT, BUSY -> true;
          case DENIED, REJECTED, FAILED, OVER -> false;
        };
    return fault.thrown();
  }

  private static IOException failure(Broken broken) {
    return switch (broken.by) {
      case LATE -> new SocketTimeoutException("the node did not answer in time");
      case NOT_TAKEN -> new SocketTimeoutException("the node did not take a request in time");
      case LEFT, TRUNCATED -> new EOFException("the node ended the conversation");
      case BROKEN -> new IOException("the way to the node broke", broken.getCause());
      default -> new IOException("the node breaks the protocol: " + broken.by.label());
    };
  }

  /** How long the node lets a request wait that is to wait so long. */
  Duration shorter(Duration asked) {
    return asked.compareTo(told.longestWait()) < 0 ? asked : told.longestWait();
  }

  /** Tells whether a further request may find this ended. */
  boolean isStale() {
    var quiet = time.nanoTime() - lastNanos;
    return over || asked >= told.requests() || quiet > told.idle().toNanos() / 2;
  }

  @Override
  public void close() {
    over = true;
    try {
      channel.close();
    } catch (IOException _) {
      // Closed as far as it can be; every answer was read.
    }
  }
}
