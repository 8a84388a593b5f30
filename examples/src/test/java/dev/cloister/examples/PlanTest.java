package dev.cloister.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rates in, a plan and its picture out. */
final class PlanTest {
  private static final List<String> DAYS = List.of("mon", "tue", "wed", "thu", "fri", "sat", "sun");

  @TempDir private Path directory;

  private static String hour(String day, int hour, long rate) {
    return day + "," + hour + "," + rate + "\n";
  }

  /** 1,500 bytes/s by day, 700 by night; at the weekend half of that. */
  private static String week() {
    var csv = new StringBuilder("weekday,hour,bytesPerSecond\n");
    for (var day : DAYS) {
      for (var hour = 0; hour < 24; hour++) {
        var rate = hour < 12 ? 1500 : 700;
        csv.append(hour(day, hour, day.startsWith("s") ? rate / 2 : rate));
      }
    }
    return csv.toString();
  }

  private Run plan(String csv, String... more) throws IOException {
    var file = Files.writeString(directory.resolve("rates.csv"), csv);
    var arguments = new String[1 + more.length];
    arguments[0] = "--rates=" + file;
    System.arraycopy(more, 0, arguments, 1, more.length);
    return Run.of(new Plan(), arguments);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // Δ is 12 h of +500 and 12 h of -300; p is 12 h of +500: 4Δ+p.
        "60000000 | {'continuous':true,'peakBytes':56160000,'neededBytes':56160000,'fullAt':null}",
        "56160000 | {'continuous':true,'peakBytes':56160000,'neededBytes':56160000,'fullAt':null}",
        "50000000 | {'continuous':false,'peakBytes':56160000,'neededBytes':56160000,"
            + "'fullAt':'week 1, fri 08:34:40'}",
        "0 | {'continuous':false,'peakBytes':56160000,'neededBytes':56160000,"
            + "'fullAt':'week 1, mon 00:00:00'}",
      })
  void aWeekIsPlanned(String buffer, String json) throws IOException {
    assertThat(plan(week(), "--drain=1000", "--buffer=" + buffer))
        .isEqualTo(new Run(0, json.replace('\'', '"') + "\n", ""));
  }

  @Test
  void whatOutrunsItsAnalysisNeedsMoreThanAnyBuffer() throws IOException {
    assertThat(plan(week(), "--drain=900", "--buffer=1000000000000").out())
        .contains("\"continuous\":false", "\"neededBytes\":null", "\"fullAt\":\"week ");
  }

  @Test
  void theWeekIsDrawn() throws IOException {
    var picture = directory.resolve("week.svg");
    var csv = week().replace("sat,", "<sat>&,");
    assertThat(plan(csv, "--drain=1000", "--buffer=60000000", "--out=" + picture).exit()).isZero();
    assertThat(picture)
        .content()
        .startsWith("<svg ")
        .endsWith("</svg>\n")
        .contains(">fri</text>", ">&lt;sat>&amp;</text>", ">60.0 MB</text>")
        // The fullest moment is Friday noon, at 56.16 of 60 MB: 4.5 of 7 days from the left.
        .contains(" 504.3,42.8 ");
  }

  @Test
  void thePictureInTheReadmeIsThatOfTheRatesThatLieThere() throws IOException {
    var drawn = directory.resolve("buffer.svg");
    var run =
        Run.of(
            new Plan(),
            "--rates=rates/week.csv",
            "--drain=64000000",
            "--buffer=4000000000000",
            "--out=" + drawn);
    assertThat(run.out()).startsWith("{\"continuous\":true,\"peakBytes\":3584880000000,");
    assertThat(drawn).hasSameTextualContentAs(Path.of("../.github/buffer.svg"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "day,hour,rate | 1 \"day,hour,rate\": must be weekday,hour,bytesPerSecond",
        "weekday,hour,bytesPerSecond;mon,1,5 | 2 \"mon,1,5\": must be a new weekday, hour 0, and a"
            + " rate of 0 or more",
        "weekday,hour,bytesPerSecond;mon,0,5;tue,1,5 | 3 \"tue,1,5\": must be weekday mon, hour 1,"
            + " and a rate of 0 or more",
        "weekday,hour,bytesPerSecond;mon,0,-5 | 2 \"mon,0,-5\": must be a new weekday, hour 0, and"
            + " a rate of 0 or more",
        "weekday,hour,bytesPerSecond;mon,0,NaN | 2 \"mon,0,NaN\": must be a new weekday, hour 0,"
            + " and a rate of 0 or more",
        "weekday,hour,bytesPerSecond;mon,0 | 2 \"mon,0\": must be a new weekday, hour 0, and a rate"
            + " of 0 or more",
        "weekday,hour,bytesPerSecond;mon,0,1;mon,1,1 | 4: it ends where there must be weekday mon,"
            + " hour 2, and a rate of 0 or more",
        "weekday,hour,bytesPerSecond | 2: it ends where there must be a new weekday, hour 0, and a"
            + " rate of 0 or more",
      })
  void ratesThatAreNoWholeDaysAreRefusedInOneLine(String csv, String error) throws IOException {
    var lines = List.of(csv.split(";", -1)).stream().collect(Collectors.joining("\n", "", "\n"));
    var run = plan(lines, "--drain=1", "--buffer=1");
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err())
        .isEqualTo("--rates " + directory.resolve("rates.csv") + ":" + error + "\n");
  }

  @ParameterizedTest
  @CsvSource({"--drain=-1, --buffer=1", "--drain=NaN, --buffer=1", "--drain=1, --buffer=-1"})
  void sizesBelowNothingAreRefused(String drain, String buffer) throws IOException {
    var run = plan(week(), drain, buffer);
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).contains("0 or more").hasLineCount(1);
  }
}
