package dev.cloister.tor.testing;

import dev.cloister.core.TimeSource;
import dev.cloister.tor.Fingerprint;
import dev.cloister.tor.control.TorControl;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Timeout;

/** The contract of control ports, on the fake; each of its tests leaves nothing open. */
@Timeout(20)
final class FakeTorControlTest extends TorControlContract {
  private final FakeTor tor = FakeTor.at(TimeSource.system());

  @Override
  protected TorControl open() throws IOException {
    return tor.control();
  }

  @Override
  protected String ask(String line) throws IOException {
    return FakeTorTest.ask(tor, line).lines().findFirst().orElseThrow();
  }

  @Override
  protected List<Fingerprint> path() {
    return tor.relays().subList(0, 3);
  }
}
