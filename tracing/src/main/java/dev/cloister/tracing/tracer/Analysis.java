package dev.cloister.tracing.tracer;

import dev.cloister.core.context.SealedContext;
import dev.cloister.core.ledger.Ledger;
import dev.cloister.crypto.storage.SpillReader;
import dev.cloister.crypto.storage.SpillStore;
import dev.cloister.tracing.TraceCounter;
import dev.cloister.tracing.flow.Defragmenter;
import dev.cloister.tracing.flow.OverlapPolicy;
import dev.cloister.tracing.flow.TcpReassembler;
import dev.cloister.tracing.packet.Packet;
import dev.cloister.tracing.packet.PacketDecoder;
import dev.cloister.tracing.packet.Undecoded;
import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * One pass over the stored frames: from the frame to the released line. Used by one thread at a
 * time; one that was fenced off is succeeded by another, which calls {@link #takeOver} and goes on
 * with the next frame.
 */
final class Analysis implements AutoCloseable {
  /** Frames between two looks at what else is to be done. */
  private static final int FRAMES_A_ROUND = 512;

  private static final long WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  private final SealedContext box;
  private final SpillStore store;
  private final SpillReader reader;
  private final boolean isLast;
  private final Defragmenter defragmenter = new Defragmenter(OverlapPolicy.BSD, false);
  private final TcpReassembler reassembler;
  private final FlowDispatcher dispatcher;
  private final RecordOutput output;
  private final ErroneousFlows erroneous;
  private final StoredFrame stored = new StoredFrame();
  private PacketDecoder decoder = new PacketDecoder(this::packet);

  /** What the decoders of those who were fenced off had counted. */
  private final Map<Undecoded, Long> undecodedBefore = new EnumMap<>(Undecoded.class);

  private long analysed;
  private long now;

  Analysis(
      SealedContext box,
      SpillStore store,
      TracerSettings settings,
      ParserWatch watch,
      boolean isLast,
      ErroneousFlows erroneous,
      ErroneousFlows quarantined) {
    this.box = box;
    this.store = store;
    this.reader = settings.ahead().map(store::reader).orElseGet(store::reader);
    this.isLast = isLast;
    this.erroneous = erroneous;
    this.output = new RecordOutput(box, watch, !isLast);
    this.dispatcher =
        new FlowDispatcher(settings.parsers(), output, watch, quarantined::contains, erroneous);
    this.reassembler = new TcpReassembler(settings.limits(), settings.overlap(), dispatcher);
  }

  /** Lets the calling thread go on where another was fenced off. */
  void takeOver() {
    dispatcher.takeOver();
    for (var reason : Undecoded.values()) {
      undecodedBefore.put(reason, undecoded(reason));
    }
    // The other may still unwind through its own.
    decoder = new PacketDecoder(this::packet);
  }

  /** Analyses until nothing more comes, the context closes, or the thread is interrupted. */
  void run() throws IOException {
    while (box.isOpen() && !Thread.currentThread().isInterrupted()) {
      var any = round();
      output.publishFull();
      account();
      if (!any) {
        output.publish();
        if (reader.isOver()) {
          break;
        }
        await();
      }
    }
    reassembler.finish(now);
    output.publish();
    account();
  }

  private boolean round() {
    var count = 0;
    while (count < FRAMES_A_ROUND && reader.next()) {
      count++;
      analysed++;
      decoder.decode(stored.read(reader));
    }
    if (isLast && count > 0) {
      // The last too: nothing is kept of it, and a store of one block would have no room for more.
      store.release(reader.position() + 1);
    }
    return count > 0;
  }

  private void await() {
    try {
      reader.await(WAIT_NANOS);
    } catch (InterruptedException _) {
      // The application's: it ends the analysis.
      Thread.currentThread().interrupt();
    }
  }

  private void packet(Packet packet) {
    now = packet.timeNanos();
    if (packet.isFragment()) {
      if (defragmenter.accept(packet)) {
        decoder.decodeDatagram(
            defragmenter.datagram(), 0, defragmenter.datagramLength(), packet.timeNanos());
      }
    } else if (packet.isTcp()) {
      reassembler.accept(packet);
    }
  }

  /** Writes what was counted into the ledger; a rehearsal counts nothing. */
  private void account() {
    if (!isLast) {
      return;
    }
    var ledger = box.ledger();
    ledger.tally(TraceCounter.ANALYSED).set(analysed);
    undecoded(ledger, TraceCounter.UNKNOWN_LINK, Undecoded.UNKNOWN_LINK);
    undecoded(ledger, TraceCounter.NOT_IP, Undecoded.NOT_IP);
    undecoded(ledger, TraceCounter.TRUNCATED, Undecoded.TRUNCATED);
    undecoded(ledger, TraceCounter.MALFORMED, Undecoded.MALFORMED);
    ledger.tally(TraceCounter.IP_DATAGRAMS_REASSEMBLED).set(defragmenter.reassembled());
    ledger.tally(TraceCounter.IP_DATAGRAMS_OVERLAPPING).set(defragmenter.overlapping());
    ledger.tally(TraceCounter.IP_FRAGMENTS_EMPTY).set(defragmenter.empty());
    ledger.tally(TraceCounter.IP_FRAGMENTS_OVERSIZED).set(defragmenter.oversized());
    ledger.tally(TraceCounter.EVICTED_DATAGRAMS).set(defragmenter.evicted());
    ledger.tally(TraceCounter.EXPIRED_DATAGRAMS).set(defragmenter.expired());
    ledger.tally(TraceCounter.TCP_FLOWS).set(reassembler.flows());
    ledger.tally(TraceCounter.EVICTED_CONNECTIONS).set(reassembler.evictedConnections());
    var counts = reassembler.counts();
    ledger.tally(TraceCounter.STREAM_BYTES).set(counts.dataBytes());
    ledger.tally(TraceCounter.HOLE_BYTES).set(counts.holeBytes());
    ledger.tally(TraceCounter.DUPLICATE_BYTES).set(counts.duplicateBytes());
    ledger.tally(TraceCounter.CONFLICTING_BYTES).set(counts.conflictingBytes());
    ledger.tally(TraceCounter.UNCOMPARED_BYTES).set(counts.uncomparedBytes());
    ledger.tally(TraceCounter.LATE_BYTES).set(counts.lateBytes());
    ledger.tally(TraceCounter.BEFORE_START_BYTES).set(counts.beforeStartBytes());
    ledger.tally(TraceCounter.AFTER_END_BYTES).set(counts.afterEndBytes());
    ledger.tally(TraceCounter.EVICTED_REORDERING).set(counts.evictedReordering());
    ledger.tally(TraceCounter.EVICTED_BUFFERS).set(counts.evictedBuffers());
    ledger.tally(TraceCounter.ERRONEOUS_FLOWS).set(erroneous.count());
  }

  private void undecoded(Ledger ledger, TraceCounter counter, Undecoded reason) {
    ledger.tally(counter).set(undecoded(reason));
  }

  private long undecoded(Undecoded reason) {
    return undecodedBefore.getOrDefault(reason, 0L) + decoder.undecoded(reason);
  }

  /** Ends in the middle: what was found goes out, and what was counted is written down. */
  void abandon() throws IOException {
    dispatcher.takeOver();
    account();
    output.publish();
  }

  @Override
  public void close() {
    reader.close();
    output.close();
  }
}
