package dev.cloister.sandbox.escape;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.cloister.core.testing.RequiresProgram;
import java.io.IOException;
import java.util.HexFormat;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

/**
 * A hostile function's attacks on its host and its neighbours: each first succeeds where nothing
 * confines it, since what fails there proves nothing, and then in no runtime but where the
 * runtime's label says so.
 */
@RequiresProgram(
    value = {"python3", "bwrap"},
    root = true)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class EscapeTest {
  private static final int CASES_MIN = 80;
  private static final int NOTICE_TRIES = 100;

  private final Random random = new Random();
  private final Set<String> proven = new TreeSet<>();
  private @Nullable EscapeWorld shared;

  @TestFactory
  Stream<DynamicNode> attacks() throws IOException {
    return Stream.concat(
        Attack.all().stream().map(attack -> dynamicTest(attack.toString(), () -> judge(attack))),
        Stream.of(dynamicTest("enough attacks are cases", this::enoughAreCases)));
  }

  private void judge(Attack attack) throws IOException, InterruptedException {
    var plain = PlainPython.attempt(attack, world());
    assumeTrue(plain.word() != Verdict.Word.ABSENT, () -> "no case here: " + plain.text());
    assertThat(escapedInTime(plain))
        .describedAs("in plain python3 %s must succeed, or it is no case: %s", attack, plain)
        .isTrue();
    proven.add(attack.toString());
  }

  private void enoughAreCases() {
    assertThat(proven).hasSizeGreaterThanOrEqualTo(CASES_MIN);
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
      default -> "";
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

  @AfterAll
  void leaveWorld() throws IOException {
    if (shared != null) {
      var left = shared;
      shared = null;
      left.close();
    }
  }
}
