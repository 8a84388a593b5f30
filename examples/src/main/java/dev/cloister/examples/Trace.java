package dev.cloister.examples;

import dev.cloister.core.context.ContextPlan;
import dev.cloister.core.context.SealedContext;
import dev.cloister.core.ledger.HeartbeatVerifier;
import dev.cloister.core.ledger.HeartbeatVerifier.Word;
import dev.cloister.core.posture.Guarantee;
import dev.cloister.core.posture.Guarantees;
import dev.cloister.core.posture.Posture.State;
import dev.cloister.crypto.storage.SpillPlan;
import dev.cloister.crypto.storage.SpillStore;
import dev.cloister.examples.Example.BadRequest;
import dev.cloister.tracing.anonymize.AnonymizationPolicy;
import dev.cloister.tracing.capture.PacketFile;
import dev.cloister.tracing.capture.PacketSource;
import dev.cloister.tracing.flow.OverlapPolicy;
import dev.cloister.tracing.http.Http;
import dev.cloister.tracing.sink.JsonLines;
import dev.cloister.tracing.tracer.Tracer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Traces a packet file through a sealed context: captured packets, spill, defragmentation,
 * reassembly, HTTP, anonymization, JSON lines.
 */
@Command(
    name = "Trace",
    description = "Traces a packet file: raw packets in, an anonymized trace out.",
    sortOptions = false)
final class Trace implements Callable<Integer> {
  private static final String ALL = "all";

  @Option(
      names = "--in",
      paramLabel = "FILE",
      description = "a pcap or pcapng file (default: the capture that ships with the examples)")
  private @Nullable Path in;

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

  @Option(
      names = "--require",
      paramLabel = "NAMES",
      split = ",",
      description =
          "guarantees that must hold whatever is accepted, separated by commas"
              + " (default: every one but in a lab, and but what --accept names)")
  private List<String> require = new ArrayList<>();

  @Option(
      names = "--accept",
      paramLabel = "NAMES",
      split = ",",
      description =
          "guarantees that may be missing, or all (default: none). Names: ${COMPLETION-CANDIDATES}",
      completionCandidates = GuaranteeNames.class)
  private List<String> accept = new ArrayList<>();

  @Option(
      names = "--overlap",
      paramLabel = "POLICY",
      defaultValue = "first",
      description = "which copy of a byte counts: first or last (default: ${DEFAULT-VALUE})")
  private String overlap = "first";

  @Option(
      names = "--lab",
      description =
          "lab mode: nothing is required, fakes are taken, the output is marked (default: off)")
  private boolean lab;

  @SuppressWarnings("unused") // picocli acts on it
  @Option(names = "--help", usageHelp = true, description = "print this and exit (default: off)")
  private boolean help;

  Trace() {}

  /** The names that --help lists. */
  static final class GuaranteeNames extends ArrayList<String> {
    private static final long serialVersionUID = 1L;

    GuaranteeNames() {
      super(Arrays.stream(Guarantee.values()).map(Guarantee::label).toList());
    }
  }

  /** Runs the example. */
  static void main(String[] args) {
    System.exit(Example.run(new Trace(), args));
  }

  @Override
  public Integer call() throws BadRequest, IOException {
    var overlaps = Options.overlap(overlap);
    var guarantees = guarantees();
    var file = in == null ? Shipped.capture() : Options.readable("--in", in);
    var policy =
        policyFile == null
            ? Shipped.policy()
            : AnonymizationPolicy.load(Options.readable("--policy", policyFile));
    policy.compile(List.of(Http.schema()), guarantees.mode());
    checkIsCapture(file);
    var output = OutputDirectory.prepare(Optional.ofNullable(out));
    return trace(
        output,
        directory ->
            ContextPlan.named("trace", guarantees)
                .ingress(PacketFile.at(file))
                .store(spillPlan(directory))
                .parse(Http.schema())
                .release(policy)
                .egress(JsonLines.to(directory)),
        overlaps);
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
      var setup = Tracer.in(box).overlap(overlaps).passes(passes);
      tracer = (deferred ? setup.deferred() : setup).parse(Http.parser());
      run(box, tracer);
      damage = box.part(PacketSource.class).damage();
    }
    return report(output, tracer, damage);
  }

  private void run(SealedContext box, Tracer tracer) throws IOException {
    try (var threads = new TraceThreads(box, tracer)) {
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

  private SpillPlan spillPlan(Path output) throws BadRequest {
    try {
      return SpillStore.in(spill == null ? output.resolve("spill") : spill)
          .memoryBytes(memoryBytes)
          .diskBytes(diskBytes)
          .passes(passes);
    } catch (IllegalArgumentException e) {
      throw new BadRequest("--memory-bytes, --disk-bytes, --passes: " + e.getMessage());
    }
  }

  private static void checkIsCapture(Path file) throws IOException {
    PacketFile.at(file).open().close();
  }

  /**
   * What the host must give; for the public capture nothing must be, and what is missing is said.
   */
  private Guarantees guarantees() throws BadRequest {
    var required = named("--require", require);
    var accepted = named("--accept", accept.stream().filter(name -> !name.equals(ALL)).toList());
    for (var guarantee : required) {
      if (accepted.contains(guarantee)) {
        throw new BadRequest(
            "--accept %s: --require names it too: leave one out".formatted(guarantee.label()));
      }
    }
    if (in == null || accept.contains(ALL)) {
      accepted = EnumSet.complementOf(required);
    }
    var guarantees = lab ? Guarantees.lab() : Guarantees.tracer();
    for (var guarantee : required) {
      guarantees = guarantees.require(guarantee);
    }
    if (lab) {
      return guarantees;
    }
    var reason = in == null ? "the shipped capture is public" : "accepted by --accept";
    for (var guarantee : accepted) {
      guarantees = guarantees.accept(guarantee, State.ABSENT, reason);
    }
    return guarantees;
  }

  private static EnumSet<Guarantee> named(String option, List<String> names) throws BadRequest {
    var guarantees = EnumSet.noneOf(Guarantee.class);
    for (var name : names) {
      guarantees.add(guarantee(option, name));
    }
    return guarantees;
  }

  private static Guarantee guarantee(String option, String name) throws BadRequest {
    return Guarantee.named(name)
        .orElseThrow(() ->
            new BadRequest(
                "%s %s: allowed are %s"
                    .formatted(
                        option,
                        name,
                        Arrays.stream(Guarantee.values())
                            .map(Guarantee::label)
                            .collect(Collectors.joining(", ")))));
  }
}
