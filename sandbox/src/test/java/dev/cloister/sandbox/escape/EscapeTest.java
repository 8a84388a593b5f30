package dev.cloister.sandbox.escape;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.cloister.core.testing.RequiresProgram;
import dev.cloister.sandbox.escape.Verdict.Word;
import dev.cloister.sandbox.runtime.Ending;
import dev.cloister.sandbox.testing.FakeCellApi;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * A hostile function's attacks on its host: each first succeeds where nothing confines it, since
 * what fails there proves nothing, and then in no runtime but where the runtime's label says so.
 */
@RequiresProgram(
    value = {"python3", "bwrap", "ip", "nft"},
    root = true)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class EscapeTest {
  private static final int CASES_MIN = 80;
  private static final int NOTICE_TRIES = 100;

  private final Random random = new Random();
  private final ExecutorService executor =
      Executors.newThreadPerTaskExecutor(Executors.defaultThreadFactory());
  private final Set<String> proven = new TreeSet<>();
  private final Map<String, Set<String>> refused = new TreeMap<>();
  private final Contenders contenders;
  private final List<Contender> all;
  private @Nullable EscapeWorld shared;

  EscapeTest(@TempDir Path directory) throws IOException {
    contenders = new Contenders(directory);
    all = contenders.all();
  }

  @TestFactory
  Stream<DynamicNode> attacks() throws IOException {
    var counts = new ArrayList<DynamicNode>();
    counts.add(dynamicTest("enough attacks are cases", this::enoughAreCases));
    for (var contender : all) {
      counts.add(
          dynamicTest("enough are refused by " + contender.name(), () -> enoughFail(contender)));
      counts.add(
          dynamicTest("what is no attack is let by " + contender.name(), () -> good(contender)));
    }
    return Stream.concat(
        Attack.all().stream().map(attack -> dynamicTest(attack.toString(), () -> judge(attack))),
        counts.stream());
  }

  private void judge(Attack attack) throws IOException, InterruptedException {
    prove(attack);
    var escapes = new ArrayList<String>();
    for (var contender : all) {
      var how = contender.faces(attack) ? tried(attack, contender) : "";
      if (how.isEmpty()) {
        refused.computeIfAbsent(contender.name(), _ -> new TreeSet<>()).add(attack.toString());
      } else if (!contender.lets().containsKey(attack.toString())) {
        escapes.add(contender.name() + ": " + how);
      }
    }
    assertThat(escapes).describedAs("how %s got out of a runtime", attack).isEmpty();
  }

  private void prove(Attack attack) throws IOException, InterruptedException {
    try (var neighbour = attack.onNeighbour() ? new Neighbour.Plain(world()) : null) {
      var known = neighbour == null ? world().coordinates() : neighbour.coordinates(world());
      var plain = PlainPython.attempt(attack, world(), known);
      assumeTrue(plain.word() != Word.ABSENT, () -> "no case here: " + plain.text());
      var harmed = neighbour != null && !neighbour.unharmed();
      assertThat(harmed || escapedInTime(plain))
          .describedAs("in plain python3 %s must succeed, or it is no case: %s", attack, plain)
          .isTrue();
    }
    proven.add(attack.toString());
  }

  /** How it got out of a runtime; empty when it did not. */
  private String tried(Attack attack, Contender contender)
      throws IOException, InterruptedException {
    if (!attack.onNeighbour()) {
      return tried(attack, contender, world().coordinates());
    }
    try (var neighbour = new Neighbour.Confined(contender, world(), executor)) {
      var how = tried(attack, contender, neighbour.coordinates(world()));
      return how.isEmpty() && !neighbour.unharmed() ? "harmed its neighbour" : how;
    }
  }

  private String tried(Attack attack, Contender contender, byte[] known)
      throws IOException, InterruptedException {
    var words = FakeCellApi.denying().given();
    Ending ending;
    var taken = "";
    try (var api = world().gates(words)) {
      api.put("data", known);
      var memory = attack.onOutput() ? new HostMemory() : null;
      try (var guest = new Guest(contender, "escape", attack.code(), api, executor)) {
        ending = guest.ending();
        taken = memory == null ? "" : memory.taken();
      }
    }
    return taken.isEmpty() ? escape(attack, Verdict.of(words.sent()), ending) : taken;
  }

  private void enoughAreCases() {
    assertThat(proven).hasSizeGreaterThanOrEqualTo(CASES_MIN);
  }

  /** And what is not refused is in the label. */
  private void enoughFail(Contender contender) {
    var let = new TreeSet<>(proven);
    let.removeAll(refused.getOrDefault(contender.name(), Set.of()));
    assertThat(let)
        .hasSizeLessThanOrEqualTo(contender.letsAtMost().applyAsInt(proven.size()))
        .isSubsetOf(contender.lets().keySet());
    var label = contender.runtime().label();
    assertThat(Stream.of(label.withstands(), label.fallsTo()).flatMap(List::stream))
        .containsAll(contender.lets().values());
  }

  private void good(Contender contender) throws IOException, InterruptedException {
    var words = FakeCellApi.denying().given();
    var code = Attack.resource("good.py").getBytes(UTF_8);
    try (var api = world().gates(words)) {
      api.put("data", world().coordinates());
      try (var guest = new Guest(contender, "good", code, api, executor)) {
        assertThat(guest.ending()).isEqualTo(Ending.exited(0));
      }
    }
    assertThat(words.sent()).containsExactly("good".getBytes(UTF_8));
    assertThat(world().noticed()).isEmpty();
  }

  /** What was done to the bystander may take a moment to be noticed. */
  private boolean escapedInTime(Verdict verdict) throws IOException {
    for (var tries = 0; tries < NOTICE_TRIES; tries++) {
      if (!escape(verdict).isEmpty()) {
        return true;
      }
    }
    return false;
  }

  /** How it got out of a runtime; empty when it did not, and was seen to try. */
  private String escape(Attack attack, Verdict verdict, Ending ending) throws IOException {
    if (verdict.word() == Word.UNBEGUN || verdict.word() == Word.FAULT) {
      throw new AssertionError("%s is no fair attempt: %s, %s".formatted(attack, verdict, ending));
    }
    var how = escape(verdict);
    var judged =
        verdict.word() != Word.SILENT
            || switch (ending.cause()) {
              // The runtime or the kernel ended it in the act.
              case LIMIT, DIED -> true;
              // Another program speaks in its place, or none does.
              case EXITED, FAILED, MALFORMED -> attack.onOutput();
              case SHUT_DOWN, EXPIRED, CLOSED -> false;
            };
    return how.isEmpty() && !judged ? "no word after it began: " + ending : how;
  }

  /**
   * How the attack succeeded; empty when it did not. A world that was touched is not used again.
   */
  private String escape(Verdict verdict) throws IOException {
    var noticed = world().noticed();
    if (!noticed.isEmpty()) {
      leaveWorld();
      return "noticed: " + noticed;
    }
    return switch (verdict.word()) {
      case ESCAPED -> "told: " + verdict;
      case LOOT -> world().isSecret(verdict.text()) ? "brought: " + verdict : "";
      case NOTHING, REFUSED, ABSENT, SILENT, UNBEGUN, FAULT -> "";
    };
  }

  private EscapeWorld world() throws IOException {
    if (shared == null) {
      var canary = new byte[16];
      random.nextBytes(canary);
      shared = EscapeWorld.create(HexFormat.of().formatHex(canary));
    }
    return shared;
  }

  private void leaveWorld() throws IOException {
    if (shared != null) {
      var left = shared;
      shared = null;
      left.close();
    }
  }

  @AfterAll
  void leaveAll() throws Exception {
    executor.close();
    leaveWorld();
    contenders.close();
  }
}
