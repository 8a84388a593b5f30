package dev.cloister.core.ledger;

import dev.cloister.core.context.ContextPlan;
import dev.cloister.core.gate.Released;
import dev.cloister.core.ledger.HeartbeatVerifier.Verdict;
import dev.cloister.core.posture.Guarantees;
import dev.cloister.core.testing.FakeHost;
import dev.cloister.core.testing.FakePolicy;
import dev.cloister.core.testing.FakePolicy.Line;
import dev.cloister.core.testing.FakeTime;
import dev.cloister.core.testing.MemoryEgress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** What a context left: heartbeats and lines, which a test damages and writes down. */
final class Output {
  final List<String> heartbeats;
  final List<String> lines;
  final String publicKey;

  private Output(List<String> heartbeats, List<String> lines, String publicKey) {
    this.heartbeats = new ArrayList<>(heartbeats);
    this.lines = new ArrayList<>(lines);
    this.publicKey = publicKey;
  }

  /**
   * Lets a context live: seven lines with its header, and six heartbeats, of which the third binds
   * no line: sealed (line 1), alive (2, 3), alive (none), alive (4), alive (5, 6, 7), closed
   * (none).
   */
  static Output ofAContext() throws IOException {
    var time = FakeTime.startingAt(Instant.parse("2026-01-02T03:04:05Z"));
    var plan =
        ContextPlan.named("box", Guarantees.lab())
            .host(new FakeHost())
            .time(time)
            .parse(FakePolicy.lines())
            .release(FakePolicy.keepingLines())
            .egress(MemoryEgress.named("out"));
    var context = plan.seal();
    var egress = context.part(MemoryEgress.class);
    try (context;
        var batch = context.releases().batch()) {
      for (var lines :
          List.of(
              List.of("one", "two"),
              List.<String>of(),
              List.of("three"),
              List.of("four", "five", "six"))) {
        lines.forEach(line -> batch.add(new Line(line)));
        Released released = batch.take();
        context.publish(released);
        time.advance(Duration.ofSeconds(10));
        context.tick();
      }
    }
    return new Output(
        egress.heartbeats().stream().map(SignedHeartbeat::line).toList(),
        egress.lines(),
        context.identity().publicKey());
  }

  static Output of(List<String> heartbeats, List<String> lines, String publicKey) {
    return new Output(heartbeats, lines, publicKey);
  }

  Output copy() {
    return new Output(heartbeats, lines, publicKey);
  }

  static String text(List<String> lines) {
    var text = new StringBuilder();
    lines.forEach(line -> text.append(line).append('\n'));
    return text.toString();
  }

  Verdict verdict(Path directory) throws IOException {
    return verdict(directory, HeartbeatVerifier.trustingTheFirst());
  }

  Verdict verdict(Path directory, HeartbeatVerifier verifier) throws IOException {
    return verdict(directory, verifier, text(heartbeats), text(lines));
  }

  /** Verifies files of these texts. */
  static Verdict verdict(
      Path directory, HeartbeatVerifier verifier, String heartbeats, String lines)
      throws IOException {
    var chain = Files.writeString(directory.resolve("heartbeats.jsonl"), heartbeats);
    var output = Files.writeString(directory.resolve("trace.jsonl"), lines);
    return verifier.verify(chain, output);
  }
}
