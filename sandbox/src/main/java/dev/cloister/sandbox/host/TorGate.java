package dev.cloister.sandbox.host;

import dev.cloister.core.Description;
import dev.cloister.core.Mode;
import dev.cloister.core.gate.Declaration;
import dev.cloister.core.gate.Exchange;
import dev.cloister.core.gate.Opening;
import dev.cloister.core.ledger.Counter;
import dev.cloister.core.posture.Posture.Finding;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;

/**
 * The gate by which a cell's function speaks to Tor, whoever made it: what it lets through is its
 * own affair. As safe for use by many threads as that is.
 *
 * @param relay judges each line, and carries it on
 * @param atMost how long a function waits for an answer
 */
record TorGate(Exchange relay, Duration atMost) implements Exchange {

  /** A gate that is not open yet. */
  record Declared(Declaration<? extends Exchange> relay, Duration atMost)
      implements Declaration<TorGate> {
    @Override
    public String name() {
      return relay.name();
    }

    @Override
    public void describe(Description into) {
      relay.describe(into);
    }

    @Override
    public Collection<? extends Counter> counters() {
      return relay.counters();
    }

    @Override
    public List<Finding> probe() throws IOException {
      return relay.probe();
    }

    @Override
    public boolean runsIn(Mode mode) {
      return relay.runsIn(mode);
    }

    @Override
    public TorGate open(Opening opening) throws IOException {
      return new TorGate(relay.open(opening), atMost);
    }
  }

  /** Says a line, and waits for the answer as long as a function may. */
  byte[] say(byte[] line) throws IOException {
    return exchange(line, atMost);
  }

  @Override
  public byte[] exchange(byte[] request, Duration deadline) throws IOException {
    return relay.exchange(request, deadline);
  }

  @Override
  public void stop() {
    relay.stop();
  }

  @Override
  public void close() throws IOException {
    relay.close();
  }
}
