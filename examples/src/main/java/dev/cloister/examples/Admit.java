package dev.cloister.examples;

import dev.cloister.core.TimeSource;
import dev.cloister.core.policy.Manifest;
import dev.cloister.core.policy.NodePolicy;
import dev.cloister.examples.Example.BadRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Tells whether a node would run a function, before any of the function's code runs. */
@Command(
    name = "Admit",
    description = {
      "Prints yes when a node's policy gives all that a function's manifest asks for; else a line"
          + " for",
      "each need that is not met, with the rule that refused it."
    },
    sortOptions = false)
final class Admit implements Callable<Integer> {
  @Option(
      names = "--policy",
      required = true,
      paramLabel = "FILE",
      description = "a node's policy, YAML or JSON (required)")
  private @Nullable Path policy;

  @Option(
      names = "--manifest",
      required = true,
      paramLabel = "FILE",
      description = "a function's manifest, YAML or JSON (required)")
  private @Nullable Path manifest;

  @SuppressWarnings("unused") // picocli acts on it
  @Option(names = "--help", usageHelp = true, description = "print this and exit (default: off)")
  private boolean help;

  Admit() {}

  /** Runs the example. */
  static void main(String[] args) {
    System.exit(Example.run(new Admit(), args));
  }

  @Override
  public Integer call() throws BadRequest, IOException {
    var given = NodePolicy.load(Options.readable("--policy", Objects.requireNonNull(policy)));
    var asked = Manifest.load(Options.readable("--manifest", Objects.requireNonNull(manifest)));
    var admission = given.admit(asked, TimeSource.system());
    IO.println(admission);
    return admission.admitted() ? Example.OK : Example.DAMAGED;
  }
}
