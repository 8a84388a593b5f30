package dev.cloister.examples;

import dev.cloister.examples.Example.BadRequest;
import dev.cloister.tracing.tracer.CapacityPlanner.Load;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The measured rates of a week, or of any number of whole days.
 *
 * @param days what the file calls them, in its order
 * @param loads 24 a day
 */
record WeekOfRates(List<String> days, List<Load> loads) {
  private static final String COLUMNS = "weekday,hour,bytesPerSecond";
  private static final int HOURS = 24;
  private static final Duration HOUR = Duration.ofHours(1);

  static WeekOfRates read(Path file) throws BadRequest, IOException {
    var week = new WeekOfRates(new ArrayList<>(), new ArrayList<>());
    var number = 1;
    for (var line : lines(file)) {
      if (number == 1 ? !line.strip().equals(COLUMNS) : !line.isBlank() && !week.take(line)) {
        throw new BadRequest(
            "--rates %s:%d \"%s\": must be %s"
                .formatted(file, number, line, number == 1 ? COLUMNS : week.wanted()));
      }
      number++;
    }
    if (week.loads.isEmpty() || week.loads.size() % HOURS != 0) {
      throw new BadRequest(
          "--rates %s:%d: it ends where there must be %s".formatted(file, number, week.wanted()));
    }
    return week;
  }

  private static List<String> lines(Path file) throws BadRequest, IOException {
    try {
      return Files.readAllLines(file);
    } catch (MalformedInputException _) {
      throw new BadRequest("--rates " + file + ": it is not text in UTF-8");
    }
  }

  /** Takes the next hour; false when the line is not that. */
  private boolean take(String line) {
    var columns = line.split(",", -1);
    if (columns.length != 3) {
      return false;
    }
    var day = columns[0].strip();
    var isNext = loads.size() % HOURS == 0 ? !days.contains(day) : days.getLast().equals(day);
    try {
      if (!isNext
          || day.isEmpty()
          || Integer.parseInt(columns[1].strip()) != loads.size() % HOURS) {
        return false;
      }
      loads.add(new Load(HOUR, Double.parseDouble(columns[2].strip())));
    } catch (IllegalArgumentException _) {
      return false;
    }
    if (loads.size() % HOURS == 1) {
      days.add(day);
    }
    return true;
  }

  private String wanted() {
    var hour = loads.size() % HOURS;
    return "%s, hour %d, and a rate of 0 or more"
        .formatted(hour == 0 ? "a new weekday" : "weekday " + days.getLast(), hour);
  }

  /** Names a moment since the first week began. */
  String moment(Duration at) {
    var day = at.toDays();
    return "week %d, %s %02d:%02d:%02d"
        .formatted(
            day / days.size() + 1,
            days.get((int) (day % days.size())),
            at.toHoursPart(),
            at.toMinutesPart(),
            at.toSecondsPart());
  }
}
