package dev.cloister.examples;

import dev.cloister.examples.Example.BadRequest;
import dev.cloister.tracing.tracer.CapacityPlanner;
import dev.cloister.tracing.tracer.CapacityPlanner.CapacityPlan;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** Tells from measured rates whether a tracer's buffer suffices, and when it will be full. */
@Command(
    name = "Plan",
    description = {
      "Prints JSON: continuous (the buffer drains at least once a cycle and nothing is lost),",
      "peakBytes (the most that waits at once), neededBytes (the smallest buffer that loses",
      "nothing; null when none does), fullAt (when a buffer that begins empty is full: the week,",
      "or whatever the file's cycle is, counted from 1, the weekday as the file calls it, the time",
      "of day; null when it never is)."
    },
    sortOptions = false)
final class Plan implements Callable<Integer> {
  @Option(
      names = "--rates",
      required = true,
      paramLabel = "FILE",
      description =
          "CSV with the columns weekday,hour,bytesPerSecond: a line for each hour of a week, or of"
              + " any number of whole days, in order (required)")
  private @Nullable Path rates;

  @Option(
      names = "--drain",
      required = true,
      paramLabel = "BYTES_PER_S",
      description = "how fast the analysis empties the buffer (required)")
  private double drain;

  @Option(
      names = "--buffer",
      required = true,
      paramLabel = "BYTES",
      description = "how much the buffer holds (required)")
  private long buffer;

  @Option(
      names = "--out",
      paramLabel = "FILE.svg",
      description = "where a picture of the buffer over the cycle goes (default: none)")
  private @Nullable Path out;

  @SuppressWarnings("unused") // picocli acts on it
  @Option(names = "--help", usageHelp = true, description = "print this and exit (default: off)")
  private boolean help;

  Plan() {}

  /** Runs the example. */
  static void main(String[] args) {
    System.exit(Example.run(new Plan(), args));
  }

  @Override
  public Integer call() throws BadRequest, IOException {
    var week = WeekOfRates.read(Options.readable("--rates", Objects.requireNonNull(rates)));
    var plan = plan(week);
    if (out != null) {
      draw(out, new BufferPicture(week, plan, buffer).svg());
    }
    IO.println(json(week, plan));
    return Example.OK;
  }

  private CapacityPlan plan(WeekOfRates week) throws BadRequest {
    if (!(drain >= 0 && drain < Double.POSITIVE_INFINITY)) {
      throw new BadRequest("--drain " + drain + ": must be a number of bytes a second, 0 or more");
    }
    if (buffer < 0) {
      throw new BadRequest("--buffer " + buffer + ": must be a number of bytes, 0 or more");
    }
    return CapacityPlanner.repeating(week.loads()).plan(drain, buffer);
  }

  private static void draw(Path file, String svg) throws BadRequest {
    try {
      Files.writeString(file, svg);
    } catch (IOException e) {
      throw new BadRequest("--out %s: not a file that can be written (%s)".formatted(file, e));
    }
  }

  private static String json(WeekOfRates week, CapacityPlan plan) {
    var text = new StringWriter();
    try (var json =
        JsonFactory.builder().build().createGenerator(ObjectWriteContext.empty(), text)) {
      json.writeStartObject();
      json.writeBooleanProperty("continuous", plan.continuous());
      json.writeNumberProperty("peakBytes", plan.peakBytes());
      if (plan.neededBytes().isPresent()) {
        json.writeNumberProperty("neededBytes", plan.neededBytes().getAsLong());
      } else {
        json.writeNullProperty("neededBytes");
      }
      if (plan.fullAt().isPresent()) {
        json.writeStringProperty("fullAt", week.moment(plan.fullAt().get()));
      } else {
        json.writeNullProperty("fullAt");
      }
      json.writeEndObject();
    }
    return text.toString();
  }
}
