package dev.cloister.tracing.anonymize;

import dev.cloister.core.policy.Node;
import dev.cloister.tracing.record.FieldType;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** What a policy asks to be made of a field. Immutable. */
sealed interface Transform {

  /** Lets the value out as it is. */
  record Keep() implements Transform {}

  /** Lets nothing out. */
  record Drop() implements Transform {}

  /** Gives addresses with a common prefix pseudonyms with a common prefix. */
  record PrefixPreserving() implements Transform {}

  /** Gives equal values equal names that only the key could compute. */
  record Hash(int bytes) implements Transform {}

  /** Lets the first bits of an address out, and zeros for the others. */
  record Truncate(int bits) implements Transform {}

  /** Rounds a number down. */
  record Bucket(long size) implements Transform {}

  /** Puts something else in its place. */
  record Constant(String value, boolean isNumber) implements Transform {}

  /** Moves every time of a trace by one random amount. */
  record Shift() implements Transform {}

  /** Says which kind of port it is. */
  record PortClass() implements Transform {}

  /** Lets parts of a URL out. */
  record Url(List<UrlPart> parts) implements Transform {
    /** Keeps a copy. */
    public Url {
      parts = List.copyOf(parts);
    }
  }

  /** The words of a policy, what stands behind them, and what they can be asked of. */
  @SuppressWarnings("ImmutableEnumChecker") // Set.copyOf is immutable
  enum Word {
    /** As it is. */
    KEEP("keep", EnumSet.allOf(FieldType.class), ""),
    /** Not at all. */
    DROP("drop", EnumSet.allOf(FieldType.class), ""),
    /** A pseudonym that keeps networks together. */
    PREFIX_PRESERVING("prefix-preserving", EnumSet.of(FieldType.ADDRESS), ""),
    /** Which kind of port. */
    PORT_CLASS("port-class", EnumSet.of(FieldType.PORT), ""),
    /** A name. */
    HASH("hash", EnumSet.of(FieldType.ADDRESS, FieldType.TEXT, FieldType.URL), "BYTES"),
    /** The first bits. */
    TRUNCATE("truncate", EnumSet.of(FieldType.ADDRESS), "BITS"),
    /** Rounded. */
    BUCKET("bucket", EnumSet.of(FieldType.PORT, FieldType.TIME, FieldType.NUMBER), "SIZE"),
    /** Something else. */
    CONSTANT("constant", EnumSet.allOf(FieldType.class), "VALUE"),
    /** Moved. */
    SHIFT("shift", EnumSet.of(FieldType.TIME), "random"),
    /** Parts. */
    URL("url", EnumSet.of(FieldType.URL), "[PART, …]");

    private final String label;
    private final Set<FieldType> types;
    private final String argument;

    Word(String label, Set<FieldType> types, String argument) {
      this.label = label;
      this.types = Set.copyOf(types);
      this.argument = argument;
    }

    /** Writes a word as a policy has it. */
    String usage() {
      return argument.isEmpty() ? label : "{" + label + ": " + argument + "}";
    }

    boolean takes(FieldType type) {
      return types.contains(type);
    }
  }

  /** Returns the word that asks for this. */
  default Word word() {
    return switch (this) {
      case Keep _ -> Word.KEEP;
      case Drop _ -> Word.DROP;
      case PrefixPreserving _ -> Word.PREFIX_PRESERVING;
      case PortClass _ -> Word.PORT_CLASS;
      case Hash _ -> Word.HASH;
      case Truncate _ -> Word.TRUNCATE;
      case Bucket _ -> Word.BUCKET;
      case Constant _ -> Word.CONSTANT;
      case Shift _ -> Word.SHIFT;
      case Url _ -> Word.URL;
    };
  }

  /**
   * Reads a transform; {@link dev.cloister.core.PolicyRejected} names the place of what is not one.
   */
  static Transform of(Node node) {
    if (node.kind() == Node.Kind.MAPPING) {
      return withArgument(node);
    }
    return switch (node.kind() == Node.Kind.TEXT ? node.text() : "") {
      case "keep" -> new Keep();
      case "drop" -> new Drop();
      case "prefix-preserving" -> new PrefixPreserving();
      case "port-class" -> new PortClass();
      default -> throw unknown(node, node.kind() == Node.Kind.SEQUENCE ? "a list" : node.scalar());
    };
  }

  private static Transform withArgument(Node node) {
    if (node.members().size() != 1) {
      throw node.rejected("%d transforms: allowed is one".formatted(node.members().size()));
    }
    var member = node.members().entrySet().iterator().next();
    var argument = member.getValue();
    return switch (member.getKey()) {
      case "hash" -> new Hash((int) argument.integer(4, 32));
      case "truncate" -> new Truncate((int) argument.integer(0, 128));
      case "bucket" -> new Bucket(argument.integer(1, Long.MAX_VALUE));
      case "constant" -> constant(argument);
      case "shift" -> {
        if (!argument.scalar().equals("random")) {
          throw argument.rejected(
              "shift \"" + Node.shown(argument.scalar()) + "\": allowed is random");
        }
        yield new Shift();
      }
      case "url" -> new Url(parts(argument));
      default -> throw unknown(node, "{" + member.getKey() + ": …}");
    };
  }

  /** A constant is written as it stands, so it must be something that a line can hold. */
  private static Constant constant(Node node) {
    var value = node.scalar();
    var isNumber = node.kind() == Node.Kind.NUMBER;
    if (isNumber && !value.matches("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][-+]?[0-9]+)?")) {
      throw node.rejected(
          "number " + Node.shown(value) + ": write it as JSON has it, or in quotes");
    }
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(value)) {
      throw node.rejected("text with half a surrogate pair: write whole characters");
    }
    return new Constant(value, isNumber);
  }

  /** An object must not name a part twice. */
  private static List<UrlPart> parts(Node node) {
    if (node.items().isEmpty()) {
      throw node.rejected("no part: name one at least, or drop the field");
    }
    var parts = new ArrayList<UrlPart>();
    for (var item : node.items()) {
      var part = UrlPart.of(item);
      if (parts.contains(part)) {
        throw item.rejected("part \"" + part.label() + "\" stands twice: name it once");
      }
      parts.add(part);
    }
    return parts;
  }

  private static RuntimeException unknown(Node node, String value) {
    return node.rejected(
        "unknown transform \"%s\": allowed are %s".formatted(Node.shown(value), words()));
  }

  private static String words() {
    return Arrays.stream(Word.values()).map(Word::usage).collect(Collectors.joining(", "));
  }

  /** Writes what a field of a type can be asked. */
  static String allowed(FieldType type) {
    return Arrays.stream(Word.values())
        .filter(word -> word.takes(type))
        .map(Word::usage)
        .collect(Collectors.joining(", "));
  }
}
