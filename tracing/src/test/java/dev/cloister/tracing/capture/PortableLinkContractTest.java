package dev.cloister.tracing.capture;

import dev.cloister.core.ledger.Ledger;
import dev.cloister.core.testing.RequiresProgram;
import dev.cloister.tracing.testing.PacketSourceContract;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;

/** As {@link LiveLinkContractTest}, by way of libpcap. */
@RequiresProgram(
    value = {"ip", "python3", "tcpdump"},
    root = true)
final class PortableLinkContractTest extends PacketSourceContract {
  private final List<Veth> made = new ArrayList<>();

  @Override
  protected PacketSource open(List<byte[]> frames) throws IOException {
    var veth = Veth.make();
    made.add(veth);
    var link = PortableLink.on(Veth.NEAR);
    var source = veth.open(link, Ledger.of(link.counters()));
    veth.send(Veth.FAR, frames);
    veth.remove();
    return source;
  }

  @Override
  protected boolean endsDamaged() {
    return true;
  }

  @AfterEach
  void nothingStays() throws IOException {
    for (var veth : made) {
      veth.close();
    }
  }
}
