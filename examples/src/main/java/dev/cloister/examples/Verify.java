package dev.cloister.examples;

import dev.cloister.core.ledger.HeartbeatVerifier;
import dev.cloister.core.ledger.HeartbeatVerifier.Verdict;
import dev.cloister.core.ledger.HeartbeatVerifier.Word;
import dev.cloister.examples.Example.BadRequest;
import dev.cloister.tracing.sink.JsonLines;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Tells whether the output of a trace came whole, from one box, and from which. */
@Command(
    name = "Verify",
    description = {
      "Prints one word: valid, unclosed, gap, replay, rollback, restart, forged or altered;",
      "then the first bad line. Rollback and replacement show only against --key and --head."
    },
    sortOptions = false)
final class Verify implements Callable<Integer> {
  @Option(
      names = "--in",
      required = true,
      paramLabel = "DIR",
      description = "the output of a trace (required)")
  private @Nullable Path in;

  @Option(
      names = "--key",
      paramLabel = "HEX",
      description = "the public key that was kept elsewhere (default: the first heartbeat's)")
  private @Nullable String key;

  @Option(
      names = "--head",
      paramLabel = "N:SHA256",
      description =
          "a heartbeat's number and the digest of its line, kept elsewhere (default: none)")
  private @Nullable String head;

  @SuppressWarnings("unused") // picocli acts on it
  @Option(names = "--help", usageHelp = true, description = "print this and exit (default: off)")
  private boolean help;

  Verify() {}

  /** Runs the example. */
  static void main(String[] args) {
    System.exit(Example.run(new Verify(), args));
  }

  @Override
  public Integer call() throws BadRequest, IOException {
    var directory = Objects.requireNonNull(in);
    var heartbeats = Options.readable("--in", directory.resolve(JsonLines.HEARTBEATS));
    var trace = Options.readable("--in", directory.resolve(JsonLines.TRACE));
    var verdict = verifier().verify(heartbeats, trace);
    print(verdict);
    return verdict.word() == Word.VALID ? Example.OK : Example.DAMAGED;
  }

  private HeartbeatVerifier verifier() throws BadRequest {
    try {
      var verifier = HeartbeatVerifier.trustingTheFirst();
      if (key != null) {
        verifier = verifier.expectingKey(key);
      }
      if (head != null) {
        var colon = head.indexOf(':');
        var number = Long.parseUnsignedLong(head.substring(0, Math.max(0, colon)));
        verifier = verifier.expectingHead(number, head.substring(colon + 1));
      }
      return verifier;
    } catch (NumberFormatException _) {
      throw new BadRequest("--head " + head + ": must be a number, a colon, and 64 hex digits");
    } catch (IllegalArgumentException e) {
      throw new BadRequest("--key, --head: " + e.getMessage());
    }
  }

  private static void print(Verdict verdict) {
    IO.println(verdict.word().label());
    if (!verdict.badLine().isEmpty()) {
      IO.println(verdict.badLine() + ": " + verdict.why());
    }
  }
}
