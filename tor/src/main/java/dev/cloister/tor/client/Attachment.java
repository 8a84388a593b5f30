package dev.cloister.tor.client;

import dev.cloister.core.internal.Failures;
import dev.cloister.tor.control.CircuitId;
import dev.cloister.tor.control.Circuits.CloseReason;
import dev.cloister.tor.control.ControlEvents;
import dev.cloister.tor.control.ControlRefused;
import dev.cloister.tor.control.Setting;
import dev.cloister.tor.control.TemporarySettings;
import dev.cloister.tor.control.TorControl;
import dev.cloister.tor.control.TorEvent;
import dev.cloister.tor.socks.Isolation;
import dev.cloister.tor.socks.TorStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/**
 * Puts one stream onto one circuit, and leaves all others to tor: each that comes meanwhile, and
 * those that came last, when tor attaches streams by itself again. Where another controller
 * attaches them, they are left to it. Used once, by one thread.
 */
final class Attachment {
  /** How soon the end of the opening is noticed. */
  private static final Duration LOOK = Duration.ofMillis(50);

  private final TorControl control;
  private final CircuitId circuit;

  /** By which tor tells whose stream it is; nobody else's has it. */
  private final String password;

  /** What was opened, by another thread; and whether nobody waits for it any more. */
  private volatile @Nullable TorStream opened;

  private volatile boolean isAbandoned;

  private boolean othersAreOurs;
  private Optional<String> refusal = Optional.empty();

  Attachment(TorControl control, CircuitId circuit, Isolation isolation) {
    this.control = control;
    this.circuit = circuit;
    this.password = new String(isolation.password(), StandardCharsets.UTF_8);
  }

  TorStream open(Executor executor, Callable<TorStream> opening, ControlEvents events)
      throws IOException {
    var settings = TemporarySettings.apply(control, new Setting("__LeaveStreamsUnattached", "1"));
    othersAreOurs = !settings.lines().isEmpty();
    var task = new FutureTask<>(() -> handedOver(opening.call()));
    try {
      executor.execute(task);
      while (!task.isDone()) {
        follow(events.next(LOOK));
      }
      var stream = got(task);
      leaveToTor(settings);
      return stream;
    } catch (IOException | RuntimeException e) {
      Failures.undo(e, () -> abandon(task));
      Failures.undo(e, () -> leaveToTor(settings));
      throw e;
    }
  }

  private void follow(Optional<TorEvent> event) throws IOException {
    if (event.isPresent() && event.get() instanceof TorEvent.Stream stream) {
      var isOurs = stream.detail("SOCKS_PASSWORD").filter(password::equals).isPresent();
      switch (stream.status()) {
        case NEW, NEWRESOLVE -> attach(stream, isOurs);
        case DETACHED -> detached(stream, isOurs);
        default -> {
          // It goes its way.
        }
      }
    }
  }

  private void attach(TorEvent.Stream stream, boolean isOurs) throws IOException {
    if (isOurs) {
      control.circuits().attach(stream.stream(), circuit);
    } else if (othersAreOurs) {
      leaveToTor(stream);
    }
  }

  /** What the relay refused once it would refuse again; the others' are tried again by tor. */
  private void detached(TorEvent.Stream stream, boolean isOurs) throws IOException {
    if (isOurs) {
      refusal = stream.detail("REMOTE_REASON").or(() -> stream.detail("REASON"));
      control.circuits().close(stream.stream(), CloseReason.MISC);
    } else if (othersAreOurs) {
      leaveToTor(stream);
    }
  }

  private void leaveToTor(TorEvent.Stream stream) throws IOException {
    try {
      control.circuits().attach(stream.stream(), CircuitId.NONE);
    } catch (ControlRefused _) {
      // It has ended already, or waits for nobody.
    }
  }

  private void leaveToTor(TemporarySettings settings) throws IOException {
    settings.close();
    if (othersAreOurs) {
      for (var stream : control.circuits().streams()) {
        if (stream.circuit().equals(CircuitId.NONE)) {
          leaveToTor(stream);
        }
      }
    }
  }

  private TorStream got(FutureTask<TorStream> task) throws IOException {
    try {
      return task.get();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while a stream was opened");
    } catch (ExecutionException e) {
      if (refusal.isPresent()) {
        throw new IOException(
            "the node's relay did not let the stream out (%s): is the node still there?"
                .formatted(refusal.get()),
            e.getCause());
      }
      throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
    }
  }

  /** Either this sees that it was abandoned, or whoever abandons it sees the stream. */
  private TorStream handedOver(TorStream stream) throws IOException {
    opened = stream;
    if (isAbandoned) {
      stream.close();
    }
    return stream;
  }

  /** A stream that was opened all the same is closed. */
  private void abandon(FutureTask<TorStream> task) throws IOException {
    isAbandoned = true;
    task.cancel(true);
    var late = opened;
    if (late != null) {
      late.close();
    }
  }
}
