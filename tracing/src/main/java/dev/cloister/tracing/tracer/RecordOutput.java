package dev.cloister.tracing.tracer;

import dev.cloister.core.context.SealedContext;
import dev.cloister.core.gate.ReleaseBatch;
import dev.cloister.core.gate.ReleaseEngine;
import dev.cloister.core.ledger.Counter;
import dev.cloister.core.ledger.Tally;
import dev.cloister.tracing.TraceCounter;
import dev.cloister.tracing.record.RawRecord;
import dev.cloister.tracing.record.Schema;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.SequencedSet;

/**
 * Takes records from parsers to the release engine, and released lines out of the context.
 *
 * <p>What a user's parser emits is held until its call has ended well: so the policy's code never
 * runs on top of a stack that the parser may overflow, and what a failing call emitted does not
 * depend on when it was interrupted: it is discarded and counted. So is what a parser emits that
 * was fenced off, or is through.
 */
final class RecordOutput implements AutoCloseable {
  /** Lines leave together from this size on. */
  private static final int BATCH_BYTES = 64 << 10;

  private static final int RECORDS_KEPT = 1024;
  private static final int RECORD_BYTES_KEPT = 16 << 10;

  /** What one call may emit; a parser that emits more has failed. */
  private static final int RECORDS_A_CALL = 4096;

  private static final int BYTES_A_CALL = 16 << 20;

  /** The connection of a record that is lent to nobody. */
  private static final long NOBODY = -1;

  private final SealedContext box;
  private final ReleaseEngine engine;
  private final ReleaseBatch batch;
  private final ParserWatch watch;
  private final boolean isRehearsal;
  private final Tally records;
  private final IdentityHashMap<Counter, Tally> tallies = new IdentityHashMap<>();
  private final Map<Schema, Deque<RawRecord>> spare = new HashMap<>();
  private final Map<Schema, boolean[]> wanted = new HashMap<>();

  /** What the call of a user's parser emitted so far; and how large those records are. */
  private final SequencedSet<RawRecord> held = new LinkedHashSet<>();

  private long heldBytes;

  RecordOutput(SealedContext box, ParserWatch watch, boolean isRehearsal) {
    this.box = box;
    this.engine = box.releases();
    this.batch = engine.batch();
    this.watch = watch;
    this.isRehearsal = isRehearsal;
    this.records = box.ledger().tally(TraceCounter.RECORDS);
  }

  /** Tells which fields of a schema the policy lets out, by their indices. */
  boolean[] wanted(Schema schema) {
    return wanted.computeIfAbsent(schema, this::ask);
  }

  private boolean[] ask(Schema schema) {
    var fields = schema.fields();
    var answers = new boolean[fields.size()];
    for (var field : fields) {
      answers[field.index()] = engine.isWanted(schema, field.path());
    }
    return answers;
  }

  RawRecord lend(Schema schema, long flow) {
    var kept = spare.computeIfAbsent(schema, _ -> new ArrayDeque<>()).pollFirst();
    return (kept == null ? schema.newRecord() : kept).clear(flow);
  }

  /** Lets a record go out, and keeps it for the next: its parser has let go of it. */
  void emit(RawRecord found) {
    release(found);
    keep(found);
  }

  private void release(RawRecord found) {
    if (!isRehearsal) {
      batch.add(found);
      records.increment();
    }
  }

  void emitUnlessFenced(RawRecord found) {
    synchronized (watch) {
      if (watch.isFenced()) {
        discard(1);
      } else {
        hold(found);
      }
    }
  }

  private void hold(RawRecord found) {
    heldBytes += found.bytes().length;
    if (held.size() == RECORDS_A_CALL || heldBytes > BYTES_A_CALL || !held.add(found)) {
      throw new IllegalStateException(
          "a call emitted a record twice, or more than %d records or %d bytes"
              .formatted(RECORDS_A_CALL, BYTES_A_CALL));
    }
  }

  /** Ends the call of a user's parser: what it emitted goes on, or is discarded. */
  void settle(boolean isGood) {
    if (isGood) {
      // Not kept: a user's parser may still hold on to them.
      held.forEach(this::release);
    } else {
      discard(held.size());
    }
    held.clear();
    heldBytes = 0;
  }

  void discard(int records) {
    synchronized (watch) {
      box.ledger().tally(TraceCounter.FENCED_RECORDS).add(records);
    }
  }

  void checkFence() {
    watch.check();
  }

  private void keep(RawRecord found) {
    found.clear(NOBODY);
    var kept = spare.computeIfAbsent(found.type(), _ -> new ArrayDeque<>());
    if (kept.size() < RECORDS_KEPT && found.bytes().length <= RECORD_BYTES_KEPT) {
      kept.addFirst(found);
    }
  }

  void count(Counter counter, long amount) {
    if (!isRehearsal) {
      var tally = tallies.get(counter);
      if (tally == null) {
        tally = box.ledger().tally(counter);
        tallies.put(counter, tally);
      }
      tally.add(amount);
    }
  }

  void countUnlessFenced(Counter counter, long amount) {
    synchronized (watch) {
      if (!watch.isFenced()) {
        count(counter, amount);
      }
    }
  }

  /** Sends out what has gathered, if it is enough. */
  void publishFull() throws IOException {
    if (batch.sizeBytes() >= BATCH_BYTES) {
      publish();
    }
  }

  /** Sends out what has gathered. */
  void publish() throws IOException {
    box.publish(batch.take());
  }

  @Override
  public void close() {
    batch.close();
  }
}
