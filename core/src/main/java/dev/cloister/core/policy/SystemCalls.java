package dev.cloister.core.policy;

import java.util.Collections;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * How a policy narrows the system calls that an image is given: it takes calls away, and never adds
 * one that the image's own list lacks. Whether the kernel knows a name is not checked here.
 * Immutable.
 *
 * @param allow of an image's calls, only these remain; all of them when this is not there
 * @param deny these do not remain, allowed or not
 */
public record SystemCalls(Optional<Set<String>> allow, Set<String> deny) {
  /** The most names in one list. */
  private static final int NAMES_MAX = 1024;

  private static final Pattern NAME = Pattern.compile("[a-z_][a-z0-9_]{0,63}");

  /** Leaves every image the calls it has. */
  static final SystemCalls OF_THE_IMAGE = new SystemCalls(Optional.empty(), Set.of());

  /** Keeps the names in their order. */
  public SystemCalls {
    allow = allow.map(SystemCalls::sorted);
    deny = sorted(deny);
  }

  private static Set<String> sorted(Set<String> names) {
    return Collections.unmodifiableSet(new TreeSet<>(names));
  }

  /** Reads {@code allow} and {@code deny}, each a list of names. */
  static SystemCalls read(Node node) {
    node.only(Set.of("allow", "deny"));
    return new SystemCalls(
        node.optional("allow").map(SystemCalls::names),
        node.optional("deny").map(SystemCalls::names).orElse(Set.of()));
  }

  private static Set<String> names(Node list) {
    if (list.items().size() > NAMES_MAX) {
      throw list.rejected(list.items().size() + " system calls: allowed are " + NAMES_MAX);
    }
    var names = new TreeSet<String>();
    for (var item : list.items()) {
      if (!NAME.matcher(item.text()).matches()) {
        throw item.rejected(
            "\"%s\": allowed is a system call's name, such as ptrace"
                .formatted(Node.shown(item.text())));
      }
      names.add(item.text());
    }
    return names;
  }

  /**
   * Tells whether a call that the image has remains.
   *
   * @param name its name, as in syscalls(2)
   * @return whether the policy leaves it
   */
  public boolean leaves(String name) {
    return allow.map(names -> names.contains(name)).orElse(true) && !deny.contains(name);
  }
}
