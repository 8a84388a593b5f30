package dev.cloister.tracing.capture;

import dev.cloister.core.gate.Declaration;
import dev.cloister.core.ledger.Ledger;
import dev.cloister.tracing.testing.PacketSourceContract;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;

/** A link passes the contract of every source: all frames have come, and then it is removed. */
abstract class LinkContractTests extends PacketSourceContract {
  private final List<Veth> made = new ArrayList<>();

  /** Declares the near end. */
  abstract Declaration<PacketSource> link();

  @Override
  protected final PacketSource open(List<byte[]> frames) throws IOException {
    var veth = Veth.make();
    made.add(veth);
    var link = link();
    var source = veth.open(link, Ledger.of(link.counters()));
    veth.send(Veth.FAR, frames);
    veth.remove();
    return source;
  }

  @Override
  protected final boolean endsDamaged() {
    return true;
  }

  @AfterEach
  final void nothingStays() throws IOException {
    for (var veth : made) {
      veth.close();
    }
  }
}
