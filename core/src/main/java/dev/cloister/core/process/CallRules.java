package dev.cloister.core.process;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cloister.core.internal.os.FilterProgram;
import dev.cloister.core.internal.os.SystemCalls;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The system calls that a sealed process still makes, each with the arguments it may have; every
 * other fails with EPERM. What a permitted call reads or writes by pointer it cannot see. Its text
 * is what an auditor reads, and what the program is made of. Immutable. Source: seccomp(2).
 *
 * @param rules in the order of the list
 */
record CallRules(List<Rule> rules) {
  /** The list that is taken where there is none for this build. */
  static final String NEAREST = "25.0.3+9-LTS";

  private static final FilterProgram DENY = FilterProgram.answer(FilterProgram.EPERM);
  private static final String JAVA = "java";

  CallRules {
    rules = List.copyOf(rules);
  }

  /** What a call's arguments must be; all of it. */
  record Rule(String name, List<Condition> conditions, boolean missing) {

    static Rule parse(String line) {
      var conditions = new ArrayList<Condition>();
      var words = List.of(line.split(" ", -1));
      for (var word : words.subList(1, words.size())) {
        if (!word.equals("ENOSYS")) {
          conditions.add(Condition.parse(word));
        }
      }
      return new Rule(words.getFirst(), conditions, words.contains("ENOSYS"));
    }

    FilterProgram program(FilterProgram otherwise, int self) {
      var piece = FilterProgram.answer(missing ? FilterProgram.ENOSYS : FilterProgram.ALLOW);
      for (var condition : conditions.reversed()) {
        piece = condition.program(piece, otherwise, self);
      }
      return piece;
    }

    @Override
    public String toString() {
      return name
          + conditions.stream().map(c -> " " + c).collect(Collectors.joining())
          + (missing ? " ENOSYS" : "");
    }
  }

  /**
   * What one argument must be.
   *
   * @param argument which, from 0
   * @param mask which bits of its low half; all that the kernel reads of what is no address
   * @param values what they may be, in words
   */
  record Condition(int argument, Optional<Integer> mask, List<String> values) {
    private static final String NULL = "null";

    static Condition parse(String word) {
      var sides = word.split("=", -1);
      var left = sides[0].split("&", -1);
      return new Condition(
          Integer.parseInt(left[0]),
          left.length == 1 ? Optional.empty() : Optional.of(Integer.decode(left[1])),
          List.of(sides[1].split("\\|", -1)));
    }

    FilterProgram program(FilterProgram then, FilterProgram otherwise, int self) {
      if (values.equals(List.of(NULL))) {
        return FilterProgram.withArgument(
            argument,
            FilterProgram.whenEqual(
                0,
                FilterProgram.withHighHalf(argument, FilterProgram.whenEqual(0, then, otherwise)),
                otherwise));
      }
      var piece = otherwise;
      for (var value : values.reversed()) {
        var number = value.equals("self") ? self : Integer.decode(value);
        piece = FilterProgram.whenEqual(number, then, piece);
      }
      var compared = piece;
      return FilterProgram.withArgument(
          argument, mask.map(bits -> FilterProgram.masked(bits, compared)).orElse(compared));
    }

    @Override
    public String toString() {
      return argument
          + mask.map(bits -> "&0x" + Integer.toHexString(bits)).orElse("")
          + "="
          + String.join("|", values);
    }
  }

  /**
   * Reads the list of a build of Java.
   *
   * @param version its {@code java.vm.version}
   * @param architecture its {@code os.arch}
   * @param sections of what it makes use beside the runtime itself
   * @return empty where there is no list for it
   */
  static Optional<CallRules> of(String version, String architecture, Set<String> sections) {
    var resource = version + "-" + architecture + ".calls";
    try (var in = CallRules.class.getResourceAsStream(resource)) {
      if (in == null) {
        return Optional.empty();
      }
      return Optional.of(parse(new String(in.readAllBytes(), UTF_8), sections));
    } catch (IOException e) {
      throw new UncheckedIOException(resource + " of this library cannot be read", e);
    }
  }

  private static CallRules parse(String text, Set<String> sections) {
    var rules = new ArrayList<Rule>();
    var section = "";
    for (var line : text.lines().toList()) {
      // Beyond two spaces stands a word for the reader.
      var rule = line.split(" {2}", -1)[0].strip();
      if (rule.startsWith("[")) {
        section = rule.substring(1, rule.length() - 1);
      } else if (!rule.isEmpty()
          && !rule.startsWith("#")
          && (section.equals(JAVA) || sections.contains(section))) {
        rules.add(Rule.parse(rule));
      }
    }
    return new CallRules(rules.stream().distinct().toList());
  }

  /** Returns what the kernel is given; names that the architecture lacks are passed over. */
  FilterProgram compile(SystemCalls calls, int self) {
    var verdicts = new TreeMap<Integer, FilterProgram>();
    for (var rule : rules.reversed()) {
      calls
          .number(rule.name())
          .ifPresent(number ->
              verdicts.merge(
                  number,
                  rule.program(DENY, self),
                  (otherwise, _) -> rule.program(otherwise, self)));
    }
    return FilterProgram.byNumber(Objects.requireNonNull(calls.architecture()), verdicts, DENY);
  }

  /** Returns a line for each rule, in one order. */
  List<String> lines() {
    return List.copyOf(
        rules.stream().map(Rule::toString).collect(Collectors.toCollection(TreeSet::new)));
  }
}
