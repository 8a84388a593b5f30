package dev.cloister.tor.mediation;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A function's own names for some of tor's things: numbers from one on, which tell nothing of how
 * many others there are. Bounded by who adds. Not thread-safe.
 *
 * @param <T> what tor calls them
 */
final class OwnNames<T> {
  private final Rule rule;
  private final Map<String, T> byOwn = new LinkedHashMap<>();
  private final Map<T, String> byTors = new LinkedHashMap<>();
  private long next = 1;

  OwnNames(Rule rule) {
    this.rule = rule;
  }

  String add(T tors) {
    return byTors.computeIfAbsent(
        tors,
        _ -> {
          var own = Long.toString(next++);
          byOwn.put(own, tors);
          return own;
        });
  }

  void remove(T tors) {
    var own = byTors.remove(tors);
    if (own != null) {
      byOwn.remove(own);
    }
  }

  Optional<String> own(T tors) {
    return Optional.ofNullable(byTors.get(tors));
  }

  /** Finds what the function means, which is its own or refused. */
  T tors(String own) {
    var found = byOwn.get(own);
    if (found == null) {
      throw rule.denied("what is named is not the function's own");
    }
    return found;
  }

  int size() {
    return byOwn.size();
  }

  List<T> all() {
    return List.copyOf(byOwn.values());
  }
}
