package dev.cloister.sandbox.confine;

import dev.cloister.core.Denied;
import dev.cloister.core.internal.os.Confining;
import dev.cloister.core.internal.os.OperatingSystem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntPredicate;

/**
 * Lends user ids that no process of the machine has, to one function each. Another program that
 * takes an id of the range later is not noticed, nor one that takes it, after this lender's first
 * look at all processes, as another than its real user: give a range that nothing else uses. Safe
 * for use by many threads. Source: getpriority(2).
 */
public final class FunctionIdentities {
  /** The first id of the default range, beyond those that distributions and containers use. */
  public static final int DEFAULT_FIRST = 1_879_048_192;

  /** How many ids the default range has. */
  public static final int DEFAULT_COUNT = 65_536;

  private final int first;
  private final int count;
  private final Path processes;
  private final IntPredicate running;
  private final Set<Integer> lent = new HashSet<>();

  /** Every user and group that a process had at the last look at all of them. */
  private Set<Integer> seen = Set.of();

  private boolean looked;
  private int next;

  /**
   * Lends ids of a range.
   *
   * @param processes where each process tells its users
   * @param running tells whether any has an id as its real user, at the cost of one call
   */
  FunctionIdentities(int first, int count, Path processes, IntPredicate running) {
    if (first < 1 || count < 1 || first > Integer.MAX_VALUE - count) {
      throw new IllegalArgumentException(
          "ids " + first + " and " + count + " on: allowed 1 to " + (Integer.MAX_VALUE - 1));
    }
    this.first = first;
    this.count = count;
    this.processes = processes;
    this.running = running;
    // Two hosts on one machine shall not try the same ids at the same time.
    this.next = new SecureRandom().nextInt(count);
  }

  /**
   * Lends ids of a range.
   *
   * @param first the lowest, at least 1; also the group's id
   * @param count how many
   * @return a lender that has lent none
   */
  public static FunctionIdentities range(int first, int count) {
    return new FunctionIdentities(
        first, count, Path.of("/proc"), user -> confining().hasProcesses(user));
  }

  private static Confining confining() {
    return OperatingSystem.current().confining();
  }

  /**
   * Lends ids of the default range.
   *
   * @return a lender that has lent none
   */
  public static FunctionIdentities standard() {
    return range(DEFAULT_FIRST, DEFAULT_COUNT);
  }

  /**
   * Lends an id until it is given back.
   *
   * @return one that no process has
   * @throws Denied when all are lent or in use
   */
  public synchronized FunctionIdentity lend() {
    return unusedSince(looked)
        .or(() -> unusedSince(false))
        .orElseThrow(() ->
            new Denied(
                "function identities",
                "all of "
                    + first
                    + " to "
                    + (first + count - 1)
                    + " are in use: give a longer range"));
  }

  /** A look at all processes takes milliseconds: one is enough while it leaves any id. */
  private Optional<FunctionIdentity> unusedSince(boolean lastLook) {
    if (!lastLook) {
      seen = usersOfProcesses();
      looked = true;
    }
    for (var i = 0; i < count; i++) {
      var id = first + (next + i) % count;
      if (!lent.contains(id) && !seen.contains(id) && !running.test(id)) {
        lent.add(id);
        next = (next + i + 1) % count;
        return Optional.of(new FunctionIdentity(id, this));
      }
    }
    return Optional.empty();
  }

  synchronized void giveBack(int id) {
    lent.remove(id);
  }

  private Set<Integer> usersOfProcesses() {
    var users = new HashSet<Integer>();
    try (var each = Files.newDirectoryStream(processes, "[0-9]*")) {
      for (var process : each) {
        addUsers(process, users);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(processes + " cannot be listed", e);
    }
    return users;
  }

  private static void addUsers(Path process, Set<Integer> users) throws IOException {
    try {
      for (var line : Files.readAllLines(process.resolve("status"))) {
        if (line.startsWith("Uid:") || line.startsWith("Gid:")) {
          for (var id : line.substring(4).strip().split("\\s+", -1)) {
            users.add((int) Long.parseLong(id));
          }
        }
      }
    } catch (IOException e) {
      if (Files.exists(process)) {
        throw e;
      }
      // It ended meanwhile.
    }
  }
}
