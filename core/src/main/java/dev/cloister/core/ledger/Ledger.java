package dev.cloister.core.ledger;

import dev.cloister.core.ledger.FlightRecords.CounterValue;
import dev.cloister.core.ledger.FlightRecords.Happening;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The counters and events of one context. It can hold numbers only, under names that were declared
 * before the seal. Safe for use by many threads; each {@link Tally} has one writer at a time.
 */
public final class Ledger {
  /** How many events are kept; older ones are forgotten, and counted. */
  public static final int EVENTS_KEPT = 1024;

  private final Map<Counter, Tally> tallies = new LinkedHashMap<>();

  /** Guarded by itself. */
  private final Deque<Entry> events = new ArrayDeque<>();

  private long forgotten;

  /** How many events the Flight Recorder has had, or can have no more. */
  private long recorded;

  /**
   * An event that happened.
   *
   * @param event what
   * @param number what the event counts, 0 where it counts nothing
   */
  public record Entry(Event event, long number) {}

  private Ledger(Collection<? extends Counter> vocabulary) {
    for (var counter : vocabulary) {
      if (!counter.label().matches("[A-Za-z][A-Za-z0-9.]*")) {
        throw new IllegalArgumentException(
            "counter \"" + counter.label() + "\": only letters, digits and dots are allowed");
      }
      tallies.put(counter, new Tally());
    }
    var labels = tallies.keySet().stream().map(Counter::label).distinct().count();
    if (labels != tallies.size()) {
      throw new IllegalArgumentException("two counters have one label: " + counters().keySet());
    }
  }

  /**
   * Opens a ledger.
   *
   * @param vocabulary every counter it will ever hold; doubles count once
   * @return a ledger with every counter at zero
   */
  public static Ledger of(Collection<? extends Counter> vocabulary) {
    return new Ledger(vocabulary);
  }

  /**
   * Returns the value to write to.
   *
   * @param counter one of the vocabulary
   * @return its only tally
   */
  public Tally tally(Counter counter) {
    var tally = tallies.get(counter);
    if (tally == null) {
      throw new IllegalArgumentException(
          "counter " + counter.label() + " was not declared before the seal");
    }
    return tally;
  }

  /**
   * Reads every counter.
   *
   * @return label and value, in the order of declaration
   */
  public Map<String, Long> counters() {
    var values = new LinkedHashMap<String, Long>();
    tallies.forEach((counter, tally) -> values.put(counter.label(), tally.get()));
    return values;
  }

  /**
   * Writes down an event.
   *
   * @param event what happened
   * @param number what the event counts, 0 where it counts nothing
   */
  public void event(Event event, long number) {
    synchronized (events) {
      if (events.size() == EVENTS_KEPT) {
        events.removeFirst();
        forgotten++;
      }
      events.addLast(new Entry(event, number));
    }
  }

  /**
   * Writes every counter, and every event since the last call, into the JDK's Flight Recorder, as
   * {@code dev.cloister.Counter} and {@code dev.cloister.Event}: names and numbers, nothing else. A
   * context does so at each heartbeat. Nothing is done where nobody records.
   *
   * @param owner whose ledger this is, as recordings call it
   */
  public void record(String owner) {
    if (!CounterValue.isRecorded() && !Happening.isRecorded()) {
      return;
    }
    tallies.forEach(
        (counter, tally) -> new CounterValue(owner, counter.label(), tally.get()).commit());
    List<Entry> fresh;
    synchronized (events) {
      var unrecorded = (int) Math.min(events.size(), forgotten + events.size() - recorded);
      recorded = forgotten + events.size();
      fresh = events.stream().skip(events.size() - (long) unrecorded).toList();
    }
    fresh.forEach(entry -> new Happening(owner, entry.event().label(), entry.number()).commit());
  }

  /**
   * Reads the latest events.
   *
   * @return at most {@link #EVENTS_KEPT}, oldest first
   */
  public List<Entry> events() {
    synchronized (events) {
      return List.copyOf(events);
    }
  }

  /**
   * Tells how many events are no longer kept.
   *
   * @return how many older ones there were
   */
  public long eventsForgotten() {
    synchronized (events) {
      return forgotten;
    }
  }
}
