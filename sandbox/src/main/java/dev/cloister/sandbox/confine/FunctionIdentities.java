package dev.cloister.sandbox.confine;

import dev.cloister.core.Denied;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HashSet;
import java.util.Set;

/**
 * Lends user ids that no process of the machine has, to one function each. Another program that
 * takes an id of the range after the look is not noticed: give a range that nothing else uses. Safe
 * for use by many threads.
 */
public final class FunctionIdentities {
  /** The first id of the default range, beyond those that distributions and containers use. */
  public static final int DEFAULT_FIRST = 1_879_048_192;

  /** How many ids the default range has. */
  public static final int DEFAULT_COUNT = 65_536;

  private final int first;
  private final int count;
  private final Path processes;
  private final Set<Integer> lent = new HashSet<>();
  private int next;

  FunctionIdentities(int first, int count, Path processes) {
    if (first < 1 || count < 1 || first > Integer.MAX_VALUE - count) {
      throw new IllegalArgumentException(
          "ids " + first + " and " + count + " on: allowed 1 to " + (Integer.MAX_VALUE - 1));
    }
    this.first = first;
    this.count = count;
    this.processes = processes;
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
    return new FunctionIdentities(first, count, Path.of("/proc"));
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
    var used = usersOfProcesses();
    for (var i = 0; i < count; i++) {
      var id = first + (next + i) % count;
      if (!lent.contains(id) && !used.contains(id)) {
        lent.add(id);
        next = (next + i + 1) % count;
        return new FunctionIdentity(id, this);
      }
    }
    throw new Denied(
        "function identities",
        "all of " + first + " to " + (first + count - 1) + " are in use: give a longer range");
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
