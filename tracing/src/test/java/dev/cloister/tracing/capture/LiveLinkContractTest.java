package dev.cloister.tracing.capture;

import dev.cloister.core.gate.Declaration;
import dev.cloister.core.testing.RequiresProgram;

/** A link of the kernel's ring. */
@RequiresProgram(
    value = {"ip", "python3"},
    root = true)
final class LiveLinkContractTest extends LinkContractTests {
  @Override
  Declaration<PacketSource> link() {
    return LiveLink.on(Veth.NEAR);
  }
}
