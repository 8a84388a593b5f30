package dev.cloister.core.ledger;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.EventType;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/**
 * What the JDK's Flight Recorder gets of a ledger: names and numbers, as heartbeats have them. See
 * {@code jdk.jfr.Event}.
 */
@SuppressWarnings("UnusedVariable") // The recorder reads them.
final class FlightRecords {
  private FlightRecords() {}

  /** One counter's value. */
  @Name("dev.cloister.Counter")
  @Label("Counter")
  @Description("A counter of a sealed context, at a heartbeat")
  @Category("Cloister")
  @StackTrace(false)
  static final class CounterValue extends jdk.jfr.Event {
    private static final EventType TYPE = EventType.getEventType(CounterValue.class);

    @Label("Context")
    private final String context;

    @Label("Counter")
    private final String counter;

    @Label("Value")
    private final long value;

    CounterValue(String context, String counter, long value) {
      this.context = context;
      this.counter = counter;
      this.value = value;
    }

    static boolean isRecorded() {
      return TYPE.isEnabled();
    }
  }

  /** Something that happened. */
  @Name("dev.cloister.Event")
  @Label("Event")
  @Description("What happened in a sealed context")
  @Category("Cloister")
  @StackTrace(false)
  static final class Happening extends jdk.jfr.Event {
    private static final EventType TYPE = EventType.getEventType(Happening.class);

    @Label("Context")
    private final String context;

    @Label("Event")
    private final String event;

    @Label("Number")
    private final long number;

    Happening(String context, String event, long number) {
      this.context = context;
      this.event = event;
      this.number = number;
    }

    static boolean isRecorded() {
      return TYPE.isEnabled();
    }
  }
}
