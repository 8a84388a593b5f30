package dev.cloister.tor.onionproxy;

import dev.cloister.core.internal.Failures;
import dev.cloister.sandbox.runtime.CellApi;
import dev.cloister.sandbox.runtime.Ending;
import dev.cloister.sandbox.runtime.Ending.Cause;
import dev.cloister.sandbox.runtime.GuestProcess;
import dev.cloister.sandbox.runtime.Usage;
import java.io.Closeable;
import java.io.IOException;
import java.util.List;

/** A function and its onion proxy, neither of which outlives the other. */
final class ProxiedGuest implements GuestProcess {
  private final GuestProcess guest;
  private final OnionProxy proxy;
  private final List<Closeable> belongings;
  private boolean closed;

  /**
   * Joins them.
   *
   * @param belongings what is given back after the function's death, in this order
   */
  ProxiedGuest(GuestProcess guest, OnionProxy proxy, List<Closeable> belongings) {
    this.guest = guest;
    this.proxy = proxy;
    this.belongings = List.copyOf(belongings);
  }

  @Override
  public Ending run(byte[] code, CellApi api) {
    return guest.run(code, api);
  }

  @Override
  public synchronized long tick() {
    if (closed) {
      return Long.MAX_VALUE;
    }
    proxy.tick().ifPresent(how -> guest.stop(Ending.of(Cause.DIED, how)));
    return guest.tick();
  }

  @Override
  public void stop(Ending why) {
    guest.stop(why);
  }

  @Override
  public Usage usage() {
    return guest.usage();
  }

  @Override
  public synchronized void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    var failures = new Failures();
    failures.run(guest::close);
    belongings.forEach(belonging -> failures.run(belonging::close));
    failures.throwFirst();
  }
}
