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
import java.util.Map;

/**
 * Takes records from parsers to the release engine, and released lines out of the context. A parser
 * that was fenced off may still call: what it emits is discarded and counted.
 */
final class RecordOutput implements AutoCloseable {
  /** Lines leave together from this size on. */
  private static final int BATCH_BYTES = 64 << 10;

  private static final int RECORDS_KEPT = 1024;

  private final SealedContext box;
  private final ReleaseEngine engine;
  private final ReleaseBatch batch;
  private final ParserWatch watch;
  private final boolean isRehearsal;
  private final Tally records;
  private final IdentityHashMap<Counter, Tally> tallies = new IdentityHashMap<>();
  private final Map<Schema, Deque<RawRecord>> spare = new HashMap<>();
  private final Map<Schema, boolean[]> wanted = new HashMap<>();

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

  RawRecord lendUnlessFenced(Schema schema, long flow) {
    synchronized (watch) {
      return watch.isFenced() ? schema.newRecord().clear(flow) : lend(schema, flow);
    }
  }

  void emit(RawRecord found) {
    if (!isRehearsal) {
      batch.add(found);
      records.increment();
    }
    keep(found);
  }

  void emitUnlessFenced(RawRecord found) {
    synchronized (watch) {
      if (watch.isFenced()) {
        box.ledger().tally(TraceCounter.FENCED_RECORDS).increment();
      } else {
        emit(found);
      }
    }
  }

  private void keep(RawRecord found) {
    var kept = spare.computeIfAbsent(found.type(), _ -> new ArrayDeque<>());
    if (kept.size() < RECORDS_KEPT) {
      kept.addFirst(found);
    }
  }

  void count(Counter counter, long amount) {
    if (!isRehearsal) {
      tallies.computeIfAbsent(counter, box.ledger()::tally).add(amount);
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
