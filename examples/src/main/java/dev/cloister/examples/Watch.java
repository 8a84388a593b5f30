package dev.cloister.examples;

import dev.cloister.core.TimeSource;
import dev.cloister.core.ledger.HeartbeatVerifier.Verdict;
import dev.cloister.core.ledger.HeartbeatVerifier.Word;
import dev.cloister.core.ledger.HeartbeatWatch;
import dev.cloister.core.ledger.HeartbeatWatch.Sighting;
import dev.cloister.examples.Example.BadRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Follows a box from outside, and says what happens to it as it happens. */
@Command(
    name = "Watch",
    description = {
      "Prints one word as soon as it is true, then where and why: stalled, after three periods",
      "without a heartbeat; unclosed, when a connection ends before the last one. Both may pass.",
      "With valid, when the box has closed, it ends with 0; with gap, replay, restart, forged or",
      "altered with 1. What the heartbeats tell of the box goes to standard error, in words."
    },
    sortOptions = false)
final class Watch implements Callable<Integer> {
  private static final long LOOK_MILLIS = 20;

  @Option(
      names = "--in",
      paramLabel = "FILE",
      description =
          "a file of heartbeats that is still written to (default: none; one of the two is needed)")
  private @Nullable Path in;

  @Option(
      names = "--listen",
      paramLabel = "PATH",
      description =
          "where to make a unix socket that a box pushes to; what its heartbeats bind is checked"
              + " too (default: none)")
  private @Nullable Path listen;

  @Option(
      names = "--key",
      paramLabel = "HEX",
      description = "the box's public key (default: the first heartbeat's)")
  private @Nullable String key;

  @Option(
      names = "--every",
      paramLabel = "SECONDS",
      defaultValue = "10",
      description =
          "from one heartbeat to the next, as the box was told (default: ${DEFAULT-VALUE})")
  private double every;

  @SuppressWarnings("unused") // picocli acts on it
  @Option(names = "--help", usageHelp = true, description = "print this and exit (default: off)")
  private boolean help;

  private final BoxStory story = new BoxStory();

  Watch() {}

  /** Runs the example. */
  static void main(String[] args) {
    System.exit(Example.run(new Watch(), args));
  }

  @Override
  public Integer call() throws BadRequest, IOException, InterruptedException {
    if ((in == null) == (listen == null)) {
      throw new BadRequest("--in, --listen: give one of them");
    }
    var watch = watch();
    try (WatchedLines lines =
        in != null
            ? WatchedLines.of(Options.readable("--in", in))
            : WatchedLines.listening(Objects.requireNonNull(listen))) {
      return follow(watch, lines);
    }
  }

  private HeartbeatWatch watch() throws BadRequest {
    var nanos = every * 1e9;
    if (!(nanos >= 1 && nanos * HeartbeatWatch.PERIODS_TO_STALL < Long.MAX_VALUE)) {
      throw new BadRequest("--every " + every + ": must be a number of seconds, more than 0");
    }
    var period = Duration.ofNanos((long) nanos);
    try {
      return in != null
          ? HeartbeatWatch.ofHeartbeats(Optional.ofNullable(key), period, TimeSource.system())
          : HeartbeatWatch.ofOutput(Optional.ofNullable(key), period, TimeSource.system());
    } catch (IllegalArgumentException e) {
      throw new BadRequest("--key: " + e.getMessage());
    }
  }

  private int follow(HeartbeatWatch watch, WatchedLines lines)
      throws IOException, InterruptedException {
    while (true) {
      var line = lines.next();
      var verdict =
          switch (line) {
            case WatchedLines.Whole(var text) -> seen(watch.line(text));
            case WatchedLines.Broken _ -> watch.broken();
            case WatchedLines.Nothing _ -> watch.tick();
          };
      verdict.ifPresent(Watch::print);
      if (verdict.isPresent() && isLast(verdict.get().word())) {
        return verdict.get().word() == Word.VALID ? Example.OK : Example.DAMAGED;
      }
      if (line instanceof WatchedLines.Nothing) {
        Thread.sleep(LOOK_MILLIS);
      }
    }
  }

  private Optional<Verdict> seen(Sighting sighting) {
    sighting
        .heartbeat()
        .ifPresent(
            heartbeat -> story.told(heartbeat, sighting.resumed()).forEach(System.err::println));
    return sighting.verdict();
  }

  private static boolean isLast(Word word) {
    return word != Word.STALLED && word != Word.UNCLOSED;
  }

  private static void print(Verdict verdict) {
    IO.println(verdict.word().label());
    if (!verdict.badLine().isEmpty()) {
      IO.println(verdict.badLine() + ": " + verdict.why());
    }
  }
}
