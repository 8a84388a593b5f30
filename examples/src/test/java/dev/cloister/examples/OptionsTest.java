package dev.cloister.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What options an example has, what it says of them, and what it says of any other. */
final class OptionsTest {
  private static final Pattern OPTION = Pattern.compile("^ +(--[a-z-]+)", Pattern.MULTILINE);

  /** Every example, and the options that the page and the issues so far gave it. */
  enum Command {
    TRACE(
        "--in --live --for --cutoff --policy --out --spill --memory-bytes --disk-bytes --deferred"
            + " --passes --require --accept --overlap --push --lab --help"),
    STREAMS("--in --overlap --help"),
    VERIFY("--in --key --head --help"),
    PSEUDONYM("--scheme --key --decrypt --help"),
    EXIT_POLICY("--policy --render --help"),
    WATCH("--in --listen --key --every --help"),
    PLAN("--rates --drain --buffer --out --help"),
    FIELDS("--help");

    private final String options;

    Command(String options) {
      this.options = options;
    }

    List<String> options() {
      return List.of(options.split(" ", -1));
    }

    private Callable<Integer> example() {
      return switch (this) {
        case TRACE -> new Trace();
        case STREAMS -> new Streams();
        case VERIFY -> new Verify();
        case PSEUDONYM -> new Pseudonym();
        case EXIT_POLICY -> new ExitPolicy();
        case WATCH -> new Watch();
        case PLAN -> new Plan();
        case FIELDS -> new Fields();
      };
    }

    /** What it does not run without. */
    Stream<String> needed() {
      return switch (this) {
        case TRACE, WATCH, FIELDS -> Stream.empty();
        case PLAN -> Stream.of("--rates=somewhere", "--drain=1", "--buffer=1");
        case STREAMS, VERIFY -> Stream.of("--in=somewhere");
        case PSEUDONYM -> Stream.of("--scheme=cryptopan", "--key=00");
        case EXIT_POLICY -> Stream.of("--policy=reject *:*");
      };
    }

    Run run(String... arguments) {
      return Run.of(example(), arguments);
    }
  }

  @ParameterizedTest
  @EnumSource
  void helpListsEachOptionThatThereIs(Command command) {
    var help = command.run("--help");
    assertThat(help.exit()).isZero();
    assertThat(help.err()).isEmpty();
    assertThat(OPTION.matcher(help.out()).results().map(option -> option.group(1)))
        .containsExactlyInAnyOrderElementsOf(command.options());
  }

  @ParameterizedTest
  @EnumSource
  void helpTellsEachDefaultOrThatThereIsNone(Command command) {
    var options =
        Arrays.stream(command.run("--help").out().split("(?m)^ +(?=--)", -1))
            .skip(1)
            .map(option -> option.replaceAll("\\s+", " "))
            .toList();
    assertThat(options)
        .hasSameSizeAs(command.options())
        .allMatch(option -> option.contains("(default: ") || option.contains("(required)"));
  }

  @ParameterizedTest
  @CsvSource({"--shards"})
  void anOptionThatWasNotBroughtYetIsUnknownAndUnheardOf(String option) {
    var run = Command.TRACE.run(option, "1");
    assertRefused(run);
    assertThat(run.err()).startsWith("Unknown option").contains("'" + option + "'");
    assertThat(Command.TRACE.run("--help").out()).doesNotContain(option);
  }

  @ParameterizedTest
  @EnumSource
  void whatIsNoOptionIsRefusedInOneLine(Command command) {
    for (var wrong : List.of("--no-such-option", "stray", "--help=maybe")) {
      var run =
          command.run(Stream.concat(command.needed(), Stream.of(wrong)).toArray(String[]::new));
      assertRefused(run);
      assertThat(run.err()).contains(wrong.replaceAll(".*=", ""));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "STREAMS, --in",
    "VERIFY, --in",
    "PSEUDONYM, --scheme",
    "PSEUDONYM, --key",
    "EXIT_POLICY, --policy",
  })
  void whatIsRequiredIsAskedFor(Command command, String option) {
    var run = command.run();
    assertRefused(run);
    assertThat(run.err()).contains(option);
  }

  static void assertRefused(Run run) {
    assertThat(run.exit()).as(run.err()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.errLines()).hasSize(1);
  }
}
