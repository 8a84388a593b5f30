package dev.cloister.tracing.capture;

import dev.cloister.core.gate.Declaration;
import dev.cloister.core.testing.RequiresProgram;

/** A link by way of libpcap. */
@RequiresProgram(
    value = {"ip", "python3", "tcpdump"},
    root = true)
final class PortableLinkContractTest extends LinkContractTests {
  @Override
  Declaration<PacketSource> link() {
    return PortableLink.on(Veth.NEAR);
  }
}
