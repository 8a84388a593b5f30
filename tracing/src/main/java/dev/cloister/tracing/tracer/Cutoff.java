package dev.cloister.tracing.tracer;

import dev.cloister.core.ledger.Ledger;
import dev.cloister.core.ledger.Tally;
import dev.cloister.tracing.TraceCounter;
import dev.cloister.tracing.capture.Frame;
import dev.cloister.tracing.flow.FlowCutoff;
import dev.cloister.tracing.packet.Packet;
import dev.cloister.tracing.packet.PacketDecoder;

/** Leaves out frames in which every packet of TCP lies behind the cutoff, and counts them. */
final class Cutoff {
  private final FlowCutoff flows;
  private final Tally lost;
  private final Tally forgotten;
  private final PacketDecoder decoder = new PacketDecoder(this::packet);
  private boolean isWanted;
  private boolean isBehind;

  Cutoff(long bytes, Ledger ledger) {
    this.flows = new FlowCutoff(bytes);
    this.lost = ledger.tally(TraceCounter.LOST_TO_CUTOFF);
    this.forgotten = ledger.tally(TraceCounter.EVICTED_CUTOFFS);
  }

  /** Tells whether a frame is left out; what cannot be decoded, and what is not TCP, never is. */
  boolean leavesOut(Frame frame) {
    isWanted = false;
    isBehind = false;
    decoder.decode(frame);
    forgotten.set(flows.forgotten());
    if (isWanted || !isBehind) {
      return false;
    }
    lost.increment();
    return true;
  }

  private void packet(Packet packet) {
    if (packet.isTcp() && !packet.isFragment()) {
      var behind = flows.isBehind(packet);
      isBehind |= behind;
      isWanted |= !behind;
    } else if (packet.isFragment()) {
      isWanted = true;
    }
  }
}
