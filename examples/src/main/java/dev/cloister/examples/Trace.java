package dev.cloister.examples;

import dev.cloister.core.CloisterException;
import dev.cloister.core.context.ContextPlan;
import dev.cloister.core.context.SealedContext;
import dev.cloister.core.ledger.HeartbeatVerifier;
import dev.cloister.core.ledger.HeartbeatVerifier.Word;
import dev.cloister.core.posture.Guarantee;
import dev.cloister.core.posture.Threat;
import dev.cloister.core.process.ProcessSeal;
import dev.cloister.core.process.TracingSeal;
import dev.cloister.crypto.storage.SpillPlan;
import dev.cloister.crypto.storage.SpillStore;
import dev.cloister.examples.Example.BadRequest;
import dev.cloister.tracing.anonymize.AnonymizationPolicy;
import dev.cloister.tracing.capture.PacketSource;
import dev.cloister.tracing.flow.OverlapPolicy;
import dev.cloister.tracing.http.Http;
import dev.cloister.tracing.sink.JsonLines;
import dev.cloister.tracing.sink.Push;
import dev.cloister.tracing.tracer.Tracer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/**
 * Traces a packet file or a live link through a sealed context: captured packets, spill,
 * defragmentation, reassembly, HTTP, anonymization, JSON lines.
 */
@Command(
    name = "Trace",
    description = "Traces a packet file or a live link: raw packets in, an anonymized trace out.",
    sortOptions = false)
final class Trace implements Callable<Integer> {
  @Mixin private final TraceInput input = new TraceInput();

  @Option(
      names = "--policy",
      paramLabel = "FILE",
      description = "what may come out (default: examples/policies/http.yaml, as it was built)")
  private @Nullable Path policyFile;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "where the output goes (default: a new temporary directory)")
  private @Nullable Path out;

  @Option(
      names = "--spill",
      paramLabel = "DIR",
      description = "where encrypted packets go when memory is full (default: spill in --out)")
  private @Nullable Path spill;

  @Option(
      names = "--memory-bytes",
      paramLabel = "N",
      defaultValue = "268435456",
      description = "how much is kept in memory before that (default: ${DEFAULT-VALUE})")
  private long memoryBytes = SpillPlan.MEMORY_BYTES_DEFAULT;

  @Option(
      names = "--disk-bytes",
      paramLabel = "N",
      defaultValue = "17179869184",
      description = "how much is written to disk at most (default: ${DEFAULT-VALUE})")
  private long diskBytes = SpillPlan.DISK_BYTES_DEFAULT;

  @Option(
      names = "--deferred",
      description = "capture all of it before analysing (default: both at once)")
  private boolean deferred;

  @Option(
      names = "--passes",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "analyse N times, leaving out of the last what failed before (default: ${DEFAULT-VALUE})")
  private int passes = 1;

  @Mixin private final TraceGuarantees guarantees = new TraceGuarantees();

  @Option(
      names = "--overlap",
      paramLabel = "POLICY",
      defaultValue = "first",
      description = "which copy of a byte counts: first or last (default: ${DEFAULT-VALUE})")
  private String overlap = "first";

  @Option(
      names = "--push",
      paramLabel = "TARGET",
      description =
          "where the output is pushed to as well: host:port, or the path of a unix socket, with a"
              + " slash in it (default: nowhere)")
  private @Nullable String push;

  @Option(
      names = "--lab",
      description =
          "lab mode: nothing is required, fakes are taken, the output is marked (default: off)")
  private boolean lab;

  @SuppressWarnings("unused") // picocli acts on it
  @Option(names = "--help", usageHelp = true, description = "print this and exit (default: off)")
  private boolean help;

  private final boolean hardens;

  /** Makes one that leaves this process as it is. */
  Trace() {
    this(false);
  }

  private Trace(boolean hardens) {
    this.hardens = hardens;
  }

  /** Runs the example. */
  static void main(String[] args) {
    relaunchConfined(args);
    System.exit(Example.run(new Trace(true), args));
  }

  private static void relaunchConfined(String[] args) {
    try {
      CommandLine.populateCommand(new Trace(), args).relaunchConfined();
    } catch (ParameterException | IllegalArgumentException _) {
      // Said again, by what follows.
    } catch (IOException | CloisterException e) {
      System.err.println("files-confined: this process cannot be relaunched: " + e.getMessage());
      System.exit(Example.NOT_GUARANTEED);
    }
  }

  @Override
  public Integer call() throws BadRequest, IOException {
    var overlaps = Options.overlap(overlap);
    var required = guarantees.of(input, lab);
    var source = input.declared(lab);
    if (hardens
        && input.isLive()
        && out == null
        && !guarantees.mayMiss(Guarantee.FILES_CONFINED, input)) {
      throw new BadRequest("--live: give --out too: a directory to which the sealed process keeps");
    }
    input.checkCutoff();
    var policy =
        policyFile == null
            ? Shipped.policy()
            : AnonymizationPolicy.load(Options.readable("--policy", policyFile));
    policy.compile(List.of(Http.schema()), required.mode());
    var output = OutputDirectory.prepare(Optional.ofNullable(out));
    return trace(
        output,
        directory ->
            hardened(
                directory,
                pushed(
                    ContextPlan.named("trace", required)
                        .ingress(source)
                        .store(spillPlan(directory))
                        .parse(Http.schema())
                        .release(policy)
                        .egress(JsonLines.to(directory)))),
        overlaps);
  }

  private ContextPlan pushed(ContextPlan plan) throws BadRequest {
    try {
      return push == null ? plan : plan.egress(Push.to(push));
    } catch (IllegalArgumentException e) {
      throw new BadRequest("--push: " + e.getMessage());
    }
  }

  /** Says all that a sealed process needs of this one; the same before and after the relaunch. */
  private TracingSeal seal(Path directory) {
    var seal = ProcessSeal.forTracing().writing(directory).writing(spillDirectory(directory));
    if (policyFile != null) {
      seal = seal.reading(policyFile);
    }
    return push == null ? seal : PushTarget.reachedBy(seal, Push.to(push));
  }

  /**
   * Starts a trace of a link anew under Landlock, in a process that writes nowhere but into its
   * directories: so these are made first.
   */
  private void relaunchConfined() throws IOException {
    if (!input.isLive()
        || lab
        || out == null
        || guarantees.mayMiss(Guarantee.FILES_CONFINED, input)) {
      return;
    }
    Files.createDirectories(out);
    Files.createDirectories(spillDirectory(out));
    seal(out).relaunchConfined();
  }

  /**
   * Seals this process, where a link is watched or its guarantees are asked for; but not where
   * something is in the way, and that is accepted.
   */
  private ContextPlan hardened(Path directory, ContextPlan plan) throws BadRequest {
    if (!hardens || lab || !(input.isLive() || guarantees.areNamed())) {
      return plan;
    }
    var seal = seal(directory);
    var findings = seal.probe();
    return guarantees.askFor(findings, input) && !guarantees.areWaived(findings, input)
        ? plan.harden(seal)
        : plan;
  }

  private Integer trace(
      OutputDirectory output, OutputDirectory.Planned planned, OverlapPolicy overlaps)
      throws BadRequest, IOException {
    Tracer tracer;
    Optional<PacketSource.Damage> damage;
    try (var box = output.seal(planned)) {
      output.writePosture(box.posture());
      IO.println("Posture of " + box);
      IO.print(box.posture());
      if (input.isLive()) {
        IO.println();
        IO.println("Threats, who closes them, and how far that holds here");
        IO.print(Threat.table(box.posture()));
      }
      var setup =
          input.cut(
              Tracer.in(box)
                  .overlap(overlaps)
                  .passes(passes)
                  .readAhead(Thread::startVirtualThread));
      tracer = (deferred ? setup.deferred() : setup).parse(Http.parser());
      run(box, tracer);
      damage = box.part(PacketSource.class).damage();
    }
    return report(output, tracer, damage);
  }

  private void run(SealedContext box, Tracer tracer) throws IOException {
    try (var threads = new TraceThreads(box, tracer)) {
      input.end().ifPresent(threads::endAfter);
      threads.run(deferred || passes > 1);
    }
  }

  private static Integer report(
      OutputDirectory output, Tracer tracer, Optional<PacketSource.Damage> damage)
      throws IOException {
    var summary = tracer.summary();
    output.writeSummary(summary);
    var verdict =
        HeartbeatVerifier.trustingTheFirst()
            .verify(
                output.path().resolve(JsonLines.HEARTBEATS),
                output.path().resolve(JsonLines.TRACE));
    IO.println();
    IO.println("Health");
    IO.print(Report.health(summary));
    IO.println();
    IO.println("The first records");
    IO.print(Report.firstRecords(output.path().resolve(JsonLines.TRACE)));
    IO.println();
    IO.println("Output in " + output.path() + ", heartbeats: " + verdict.word().label());
    damage.ifPresent(
        d -> System.err.println("the input is damaged at byte " + d.offset() + ": " + d.what()));
    return damage.isPresent() || verdict.word() != Word.VALID ? Example.DAMAGED : Example.OK;
  }

  private Path spillDirectory(Path output) {
    return spill == null ? output.resolve("spill") : spill;
  }

  private SpillPlan spillPlan(Path output) throws BadRequest {
    try {
      return SpillStore.in(spillDirectory(output))
          .memoryBytes(memoryBytes)
          .diskBytes(diskBytes)
          .passes(passes);
    } catch (IllegalArgumentException e) {
      throw new BadRequest("--memory-bytes, --disk-bytes, --passes: " + e.getMessage());
    }
  }
}
