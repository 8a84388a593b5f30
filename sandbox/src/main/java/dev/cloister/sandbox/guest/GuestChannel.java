package dev.cloister.sandbox.guest;

import dev.cloister.core.TimeSource;
import dev.cloister.sandbox.guest.FrameReader.Frame;
import dev.cloister.sandbox.runtime.CellApi;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * The host's end of the talk with one guest: whatever the guest sends, each of its calls reaches
 * the cell's API whole or the guest is ended with one cause, and no more is held than arrived. It
 * does not end the process, nor a call that waits: that is the runtime's, which destroys the
 * process and interrupts the serving thread.
 *
 * <p>In turn, once each: {@link #awaitHello}, {@link #load}, {@link #serve}; by one thread, or by
 * several one after the other. How a guest broke is told by {@code serve} alone, also when it broke
 * before. A guest that takes no answers holds the serving thread in a write until its process is
 * gone: a runtime has a deadline. Source: {@code protocol.md}, in the resources of this package.
 */
public final class GuestChannel {
  /** The longest frame, unless told: what a message, an entry or a body can have at most. */
  public static final int FRAME_BYTES = 16 << 20;

  /** Before the body of a frame. */
  static final int HEAD_BYTES = Integer.BYTES + FrameReader.HEAD_BYTES;

  private static final int LOAD_HEAD_BYTES = Short.BYTES + Integer.BYTES;

  /** Up to here a frame is copied, so that one write does: its reader is not woken up twice. */
  private static final int COPIED_BYTES = 64 << 10;

  private enum Stage {
    NEW,
    GREETED,
    LOADED,
    OVER
  }

  private final InputStream in;
  private final FrameReader frames;
  private final OutputStream out;
  private final int frameBytes;
  private final Optional<Lent> lent;
  private Stage stage = Stage.NEW;
  private Optional<GuestEnd> early = Optional.empty();
  private int sequence;
  private Optional<Calls> calls = Optional.empty();

  /**
   * Takes the ends of a process, with the usual longest frame.
   *
   * @param fromGuest what it writes to its standard output; not closed here
   * @param toGuest its standard input; not closed here
   */
  public GuestChannel(InputStream fromGuest, OutputStream toGuest) {
    this(fromGuest, toGuest, FRAME_BYTES);
  }

  /**
   * Takes the ends of a process, with the usual longest frame. While the guest waits for a message
   * it is lent to whoever brings one.
   *
   * @param fromGuest what it writes to its standard output, unbuffered; not closed here
   * @param toGuest its standard input, unbuffered; not closed here
   * @param pipes tells of both
   */
  public GuestChannel(InputStream fromGuest, OutputStream toGuest, Pipes pipes) {
    this(fromGuest, toGuest, FRAME_BYTES, Optional.of(pipes));
  }

  /**
   * Takes the ends of a process.
   *
   * @param fromGuest what it writes to its standard output; not closed here
   * @param toGuest its standard input; not closed here
   * @param frameBytes the longest frame, from 1 KiB to 1 GiB
   */
  public GuestChannel(InputStream fromGuest, OutputStream toGuest, int frameBytes) {
    this(fromGuest, toGuest, frameBytes, Optional.empty());
  }

  private GuestChannel(
      InputStream fromGuest, OutputStream toGuest, int frameBytes, Optional<Pipes> pipes) {
    if (frameBytes < 1 << 10 || frameBytes > 1 << 30) {
      throw new IllegalArgumentException(
          "longest frame of " + frameBytes + " bytes: allowed are 1024 to 1073741824");
    }
    this.in = fromGuest;
    this.frames = new FrameReader(fromGuest);
    this.out = toGuest;
    this.frameBytes = frameBytes;
    this.lent = pipes.map(known -> new Lent(this, known));
  }

  /**
   * Waits until the guest's loader stands ready. It looks for bytes again and again, with pauses of
   * a thirty-second of what it has waited, since a read could not be given up.
   *
   * @param deadline how long to wait
   * @param alive whether the guest's process lives, which its streams do not tell
   * @param clock what the deadline is measured on
   * @return whether it greeted; if not, {@link #serve} tells why and nothing is loaded
   * @throws InterruptedException when the thread is interrupted
   */
  public boolean awaitHello(Duration deadline, BooleanSupplier alive, TimeSource clock)
      throws InterruptedException {
    enter(Stage.NEW, Stage.GREETED);
    try {
      awaitBytes(Hello.FRAME_BYTES, deadline, alive, clock);
      Hello.check(frames.next(Hello.FRAME_BYTES - Integer.BYTES));
    } catch (IOException _) {
      early = Optional.of(new GuestEnd.Broken(Breach.CLOSED));
    } catch (Ended e) {
      early = Optional.of(e.end);
    }
    return early.isEmpty();
  }

  private void awaitBytes(int count, Duration deadline, BooleanSupplier alive, TimeSource clock)
      throws IOException, InterruptedException, Ended {
    var start = clock.nanoTime();
    while (true) {
      var living = alive.getAsBoolean();
      if (in.available() >= count) {
        return;
      }
      var waited = clock.nanoTime() - start;
      if (!living) {
        throw Ended.by(Breach.CLOSED);
      }
      if (waited >= deadline.toNanos()) {
        throw Ended.by(Breach.NO_HELLO);
      }
      Thread.sleep(Duration.ofNanos(Math.clamp(waited / 32, 50_000, 5_000_000)));
    }
  }

  /**
   * Hands the guest its code, which it runs at once. When the guest greeted, and not before, the
   * thread that started its process must have ended: the guest asks the kernel to be killed when
   * that thread dies (PR_SET_PDEATHSIG in prctl(2)), and does so when its code comes.
   *
   * @param code a Python source
   */
  public void load(byte[] code) {
    if (code.length > longestCode()) {
      throw new IllegalArgumentException(
          "code of " + code.length + " bytes: at most " + longestCode());
    }
    enter(Stage.GREETED, Stage.LOADED);
    if (early.isPresent()) {
      return;
    }
    var body =
        ByteBuffer.allocate(LOAD_HEAD_BYTES + code.length)
            .putShort(Hello.VERSION)
            .putInt(frameBytes)
            .put(code);
    try {
      write(new Answer(Answer.LOAD, body.array()));
    } catch (IOException _) {
      early = Optional.of(new GuestEnd.Broken(Breach.NOT_READING));
    }
  }

  /**
   * Tells how long a code may be.
   *
   * @return in bytes, a little less than a frame
   */
  public int longestCode() {
    return frameBytes - FrameReader.HEAD_BYTES - LOAD_HEAD_BYTES;
  }

  /**
   * Answers the guest's calls, on this thread, until the guest ends or breaks. An interrupt while a
   * call waits ends the service, and the thread stays interrupted.
   *
   * @param api what judges and answers its calls
   * @return how it ended
   */
  public GuestEnd serve(CellApi api) {
    enter(Stage.LOADED, Stage.OVER);
    if (early.isPresent()) {
      return early.get();
    }
    calls = Optional.of(new Calls(api, lent));
    try {
      while (true) {
        answer(next());
      }
    } catch (Ended e) {
      return e.end;
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return new GuestEnd.Stopped();
    }
  }

  /**
   * Reads what a guest said last, whose call was cut off by an interrupt of {@link #serve}; waits
   * while something of the guest lives.
   *
   * @return how it ended, by its own word where there is one
   */
  public GuestEnd lastWord() {
    try {
      return LastWord.of(next()).orElseGet(() -> new GuestEnd.Broken(Breach.CLOSED));
    } catch (Ended e) {
      return e.end;
    }
  }

  private Frame next() throws Ended {
    if (lent.isPresent()) {
      var left = lent.get().takeLeft();
      if (left.isPresent()) {
        return left.get();
      }
    }
    return inTurn(frames.next(frameBytes));
  }

  /**
   * The next frame, if it is here or a single read makes it whole, for which there must be cause.
   */
  Optional<Frame> more(BooleanSupplier readable) throws Ended {
    var frame = frames.more(frameBytes, readable);
    return frame.isPresent() ? Optional.of(inTurn(frame.get())) : frame;
  }

  private Frame inTurn(Frame frame) throws Ended {
    if (frame.sequence != ++sequence || frame.type == Hello.TYPE) {
      throw Ended.by(Breach.OUT_OF_TURN);
    }
    return frame;
  }

  static boolean isMessage(Frame frame) {
    return frame.type == Request.SEND.type;
  }

  private void answer(Frame frame) throws Ended, InterruptedException {
    var answer = carried(frame);
    if (answer != Answer.GIVEN) {
      try {
        write(answer);
      } catch (IOException _) {
        throw unheard();
      }
    }
    if (frame.type == Request.EXIT.type && answer.kind == Answer.OK) {
      throw new Ended(new GuestEnd.Exited(frame.fields().u8()));
    }
  }

  /** Does what a guest asked, but for the writing of the answer. */
  Answer carried(Frame frame) throws Ended, InterruptedException {
    var last = LastWord.of(frame);
    if (last.isPresent()) {
      throw new Ended(last.get());
    }
    var request = Request.of(frame.type).orElseThrow(() -> Ended.by(Breach.UNKNOWN_TYPE));
    if (request == Request.RECEIVE) {
      frames.shrink();
    }
    return calls.orElseThrow().carry(request, frame.fields());
  }

  /** A guest that takes no answer any more may still have said how it ended. */
  Ended unheard() {
    try {
      return LastWord.of(next()).map(Ended::new).orElseGet(() -> Ended.by(Breach.NOT_READING));
    } catch (Ended _) {
      return Ended.by(Breach.NOT_READING);
    }
  }

  void write(Answer answer) throws IOException {
    var fitting = answer.fittingIn(frameBytes - FrameReader.HEAD_BYTES);
    var body = fitting.body;
    var copied = body.length <= COPIED_BYTES;
    var frame =
        ByteBuffer.allocate(HEAD_BYTES + (copied ? body.length : 0))
            .putInt(FrameReader.HEAD_BYTES + body.length)
            .put((byte) fitting.kind)
            .putInt(sequence);
    if (copied) {
      out.write(frame.put(body).array());
    } else {
      out.write(frame.array());
      out.write(body);
    }
    out.flush();
  }

  private void enter(Stage from, Stage to) {
    if (stage != from) {
      throw new IllegalStateException(
          "the channel is "
              + stage
              + ": awaitHello, load and serve are called once, in this order");
    }
    stage = to;
  }
}
