package dev.cloister.examples;

import dev.cloister.core.Denied;
import dev.cloister.core.policy.Manifest;
import dev.cloister.sandbox.runtime.Ending;
import dev.cloister.sandbox.session.Admitted;
import dev.cloister.sandbox.session.CellClient;
import dev.cloister.sandbox.session.CellStatus;
import dev.cloister.sandbox.session.RemoteCell;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** What a client does, step by step, each of which it tells. */
final class ClientSteps {
  private static final Duration WAIT = Duration.ofSeconds(5);

  private ClientSteps() {}

  /** What a function needs of a node. */
  @FunctionalInterface
  interface Needs {
    Manifest of(CellClient node) throws IOException;
  }

  /** Finds the first node whose policy fits; nothing of the function has left then. */
  static Optional<Admitted> admitted(List<CellClient> nodes, Needs needs, Consumer<String> tell)
      throws IOException {
    for (var node : nodes) {
      try {
        var admitted = node.admit(needs.of(node));
        tell.accept("policy of " + node.node() + ": it gives all that the function needs");
        return Optional.of(admitted);
      } catch (Denied e) {
        tell.accept("policy of " + node.node() + ": it does not fit");
        String.valueOf(e.getMessage()).lines().map(line -> "  " + line).forEach(tell);
      }
    }
    return Optional.empty();
  }

  /** Starts a function on a node that gives it what it needs. */
  static RemoteCell started(Admitted admitted, byte[] code, byte[] data, Consumer<String> tell)
      throws IOException {
    var cell = admitted.start();
    try {
      tell.accept("started: " + cell.identity().orElseThrow().id());
      cell.load(code, data);
      tell.accept("loaded: " + code.length + " bytes of code, " + data.length + " of data");
      return cell;
    } catch (IOException | RuntimeException e) {
      cell.close();
      throw e;
    }
  }

  /** Writes all that a function sends until its end. */
  static CellStatus carry(RemoteCell cell, OutputStream out) throws IOException {
    while (!cell.isAtEnd()) {
      write(cell, out, WAIT);
    }
    return cell.status();
  }

  /** Writes what waits, and what comes soon after. */
  static void carryWhatWaits(RemoteCell cell, OutputStream out) throws IOException {
    while (write(cell, out, WAIT)) {
      out.flush();
    }
  }

  private static boolean write(RemoteCell cell, OutputStream out, Duration wait)
      throws IOException {
    var message = cell.receive(wait);
    if (message.isPresent()) {
      out.write(message.get().bytes());
      out.flush();
    }
    return message.isPresent();
  }

  /** Tells how a function ended and what it used; returns the exit code for that. */
  static int report(CellStatus status, Consumer<String> tell) {
    var ending = status.ending();
    if (ending.isEmpty()) {
      return Example.OK;
    }
    tell.accept(CellReport.of(ending.get(), status.usage()));
    return ending.get().equals(Ending.exited(0)) ? Example.OK : Example.DAMAGED;
  }
}
