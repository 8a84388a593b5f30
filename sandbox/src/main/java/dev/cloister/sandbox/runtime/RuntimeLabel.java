package dev.cloister.sandbox.runtime;

import dev.cloister.core.policy.Resource;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * What a runtime is, honestly: for the client who decides where to send a function, and for the
 * operator who decides what to lend. Immutable.
 *
 * @param name as operators and clients name it
 * @param withstands what it keeps a function from, each with what that rests on
 * @param fallsTo what defeats it
 * @param lacks what this host lacks for it, each with what to do
 * @param claims what it does about each limit on this host
 */
public record RuntimeLabel(
    String name,
    List<String> withstands,
    List<String> fallsTo,
    List<String> lacks,
    Map<Resource, Claim> claims) {

  /** What is done about a limit. */
  public enum Claim {
    /** A function is ended, or denied more, at the limit. */
    ENFORCED,
    /** What a function uses is told, and nothing stops it. */
    ACCOUNTED,
    /** Nothing. */
    NOT_CLAIMED;

    /**
     * Returns the words that stand in tables.
     *
     * @return lower case
     */
    public String label() {
      return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
  }

  /** Says of every resource what is done about it: nothing, where nothing is said. */
  public RuntimeLabel {
    withstands = List.copyOf(withstands);
    fallsTo = List.copyOf(fallsTo);
    lacks = List.copyOf(lacks);
    var all = new EnumMap<Resource, Claim>(Resource.class);
    for (var resource : Resource.values()) {
      all.put(resource, claims.getOrDefault(resource, Claim.NOT_CLAIMED));
    }
    claims = Map.copyOf(all);
  }

  /**
   * Adds what someone else enforces around this runtime.
   *
   * @param limits which; of all others the claims stay
   * @return a label that claims them too
   */
  public RuntimeLabel enforcing(Set<Resource> limits) {
    var all = new EnumMap<Resource, Claim>(claims);
    limits.forEach(limit -> all.put(limit, Claim.ENFORCED));
    return new RuntimeLabel(name, withstands, fallsTo, lacks, all);
  }
}
