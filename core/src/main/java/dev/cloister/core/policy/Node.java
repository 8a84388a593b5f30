package dev.cloister.core.policy;

import dev.cloister.core.PolicyRejected;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * One value of a {@link Document}, with its place. Asking it for what it is not throws {@link
 * PolicyRejected} that names the place, the value and what is allowed. Immutable.
 */
public final class Node {
  private static final int SHOWN_MAX = 100;

  private final String location;
  private final Kind kind;
  private final String scalar;
  private final Map<String, Node> members;
  private final List<Node> items;

  /** What a value is. */
  public enum Kind {
    /** Names and values. */
    MAPPING,
    /** A list of values. */
    SEQUENCE,
    /** Text. */
    TEXT,
    /** A number. */
    NUMBER,
    /** True or false. */
    TRUTH
  }

  Node(String location, Kind kind, String scalar) {
    this(location, kind, scalar, Map.of(), List.of());
  }

  Node(String location, Map<String, Node> members) {
    this(
        location,
        Kind.MAPPING,
        "",
        Collections.unmodifiableMap(new LinkedHashMap<>(members)),
        List.of());
  }

  Node(String location, List<Node> items) {
    this(location, Kind.SEQUENCE, "", Map.of(), List.copyOf(items));
  }

  private Node(
      String location, Kind kind, String scalar, Map<String, Node> members, List<Node> items) {
    this.location = location;
    this.kind = kind;
    this.scalar = scalar;
    this.members = members;
    this.items = items;
  }

  /**
   * Returns what this is.
   *
   * @return its kind
   */
  public Kind kind() {
    return kind;
  }

  /**
   * Returns where this stands.
   *
   * @return file, line and path
   */
  public String location() {
    return location;
  }

  /**
   * Makes the error that this value deserves.
   *
   * @param fault what is wrong, what is allowed, and what to do
   * @return an error with this place
   */
  public PolicyRejected rejected(String fault) {
    return new PolicyRejected(location, fault);
  }

  /**
   * Returns names and values.
   *
   * @return in the document's order
   */
  public Map<String, Node> members() {
    expect(Kind.MAPPING, "a mapping");
    return members;
  }

  /**
   * Refuses every name but some.
   *
   * @param allowed the names that are known
   * @return this
   */
  public Node only(Set<String> allowed) {
    for (var member : members().entrySet()) {
      if (!allowed.contains(member.getKey())) {
        throw member
            .getValue()
            .rejected(
                "unknown field \"%s\": allowed are %s"
                    .formatted(shown(member.getKey()), String.join(", ", new TreeSet<>(allowed))));
      }
    }
    return this;
  }

  /**
   * Returns a value that must be there.
   *
   * @param name its name
   * @return the value
   */
  public Node required(String name) {
    return optional(name).orElseThrow(() -> rejected("field \"" + name + "\" is missing"));
  }

  /**
   * Returns a value that may be there.
   *
   * @param name its name
   * @return the value, if it is there
   */
  public Optional<Node> optional(String name) {
    return Optional.ofNullable(members().get(name));
  }

  /**
   * Returns a list's values.
   *
   * @return in the document's order
   */
  public List<Node> items() {
    expect(Kind.SEQUENCE, "a list");
    return items;
  }

  /**
   * Returns text.
   *
   * @return as it stands in the document
   */
  public String text() {
    expect(Kind.TEXT, "text");
    return scalar;
  }

  /**
   * Returns a whole number.
   *
   * @param least the smallest that is allowed
   * @param most the largest that is allowed
   * @return the number
   */
  public long integer(long least, long most) {
    try {
      var value = Long.parseLong(scalar);
      if (kind == Kind.NUMBER && value >= least && value <= most) {
        return value;
      }
    } catch (NumberFormatException _) {
      // Said below, with the range.
    }
    throw rejected("%s: allowed is a whole number from %d to %d".formatted(shown(), least, most));
  }

  /**
   * Returns true or false.
   *
   * @return the value
   */
  public boolean truth() {
    expect(Kind.TRUTH, "true or false");
    return Boolean.parseBoolean(scalar);
  }

  /**
   * Returns a scalar as it is written, whatever its kind.
   *
   * @return its text
   */
  public String scalar() {
    if (kind == Kind.MAPPING || kind == Kind.SEQUENCE) {
      throw rejected("%s: allowed is a single value".formatted(shown()));
    }
    return scalar;
  }

  private void expect(Kind expected, String words) {
    if (kind != expected) {
      throw rejected("%s: allowed is %s".formatted(shown(), words));
    }
  }

  private String shown() {
    return switch (kind) {
      case MAPPING -> "a mapping";
      case SEQUENCE -> "a list";
      case TEXT -> "\"" + shown(scalar) + "\"";
      case NUMBER, TRUTH -> shown(scalar);
    };
  }

  /**
   * Cuts and cleans what a message shows of a document, so that it stays one short line.
   *
   * @param text as it stands in the document
   * @return its beginning, without control characters
   */
  public static String shown(String text) {
    var line = printable(text);
    return line.length() <= SHOWN_MAX ? line : line.substring(0, SHOWN_MAX) + "…";
  }

  static String printable(String text) {
    return text.replaceAll("[\\p{Cntrl}\\x{85}\\x{2028}\\x{2029}]", "?");
  }

  /**
   * Shows the place and the kind.
   *
   * @return for people
   */
  @Override
  public String toString() {
    return location + " " + shown();
  }
}
