package dev.cloister.tor.client;

import dev.cloister.core.internal.Failures;
import dev.cloister.sandbox.session.CellChannel;
import dev.cloister.tor.control.CircuitId;
import dev.cloister.tor.control.ControlRefused;
import dev.cloister.tor.control.TorControl;
import dev.cloister.tor.socks.TorStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;

/** A stream with a circuit of its own, which ends with it. */
final class SteeredStream implements CellChannel {
  private final TorStream stream;
  private final TorControl control;
  private final CircuitId circuit;

  SteeredStream(TorStream stream, TorControl control, CircuitId circuit) {
    this.stream = stream;
    this.control = control;
    this.circuit = circuit;
  }

  @Override
  public int read(ByteBuffer into) throws IOException {
    return stream.read(into);
  }

  @Override
  public int write(ByteBuffer from) throws IOException {
    return stream.write(from);
  }

  @Override
  public void timeout(Duration most) {
    stream.timeout(most);
  }

  @Override
  public boolean isOpen() {
    return stream.isOpen();
  }

  @Override
  public void close() throws IOException {
    if (stream.isOpen()) {
      var failures = new Failures();
      failures.run(stream::close);
      failures.run(this::closeCircuit);
      failures.throwFirst();
    }
  }

  private void closeCircuit() throws IOException {
    try {
      control.circuits().close(circuit);
    } catch (ControlRefused _) {
      // It has ended already.
    }
  }
}
