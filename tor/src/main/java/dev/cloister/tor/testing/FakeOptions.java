package dev.cloister.tor.testing;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The options that the fake knows, and what they are set to. Guarded by the world's lock. */
final class FakeOptions {
  static final String UNATTACHED = "__LeaveStreamsUnattached";

  /** By name in lower case. */
  private static final Map<String, Option> KNOWN =
      Stream.of(
              new Option(UNATTACHED, Kind.FLAG, "0"),
              new Option("__DisablePredictedCircuits", Kind.FLAG, "0"),
              new Option("ConfluxEnabled", Kind.FLAG_OR_AUTO, "auto"),
              new Option("ContactInfo", Kind.TEXT, ""),
              new Option("DisableNetwork", Kind.FLAG, "0"),
              new Option("EnforceDistinctSubnets", Kind.FLAG, "1"),
              new Option("ExitPolicy", Kind.POLICIES, ""),
              new Option("ExitPolicyRejectPrivate", Kind.FLAG, "1"),
              new Option("ExitRelay", Kind.FLAG_OR_AUTO, "auto"),
              new Option("LearnCircuitBuildTimeout", Kind.FLAG, "1"),
              new Option("MaxCircuitDirtiness", Kind.NUMBER, "600"),
              new Option("MaxClientCircuitsPending", Kind.NUMBER, "32"),
              new Option("NewCircuitPeriod", Kind.NUMBER, "30"),
              new Option("Nickname", Kind.TEXT, ""),
              new Option("SocksTimeout", Kind.NUMBER, "120"))
          .collect(Collectors.toUnmodifiableMap(option -> key(option.name()), option -> option));

  private enum Kind {
    FLAG("[01]"),
    FLAG_OR_AUTO("[01]|auto"),
    NUMBER("\\d{1,9}"),
    TEXT(".*"),
    POLICIES("(?:accept6?|reject6?) [^ ]*[*\\d.:\\[\\]/-]+|(?:accept|reject) private:.*");

    private final String shape;

    Kind(String shape) {
      this.shape = shape;
    }
  }

  /**
   * An option of tor's.
   *
   * @param byDefault empty when it is not set
   */
  private record Option(String name, Kind kind, String byDefault) {}

  /** What differs from the default, by the option's name. */
  private final Map<String, List<String>> set = new LinkedHashMap<>();

  private static String key(String name) {
    return name.toLowerCase(Locale.ROOT);
  }

  boolean isOn(String name) {
    return set.getOrDefault(name, List.of()).contains("1");
  }

  /** Lists what differs from the default, as torrc has it. */
  List<String> changed() {
    var lines = new ArrayList<String>();
    set.forEach((name, values) -> values.forEach(value -> lines.add(name + " " + value)));
    return lines.stream().sorted().toList();
  }

  String get(FakeCommand command) throws FakeRefusal {
    var unknown = new ArrayList<String>();
    var lines = new ArrayList<String>();
    for (var word : command.words()) {
      var option = KNOWN.get(key(word.raw()));
      if (option == null) {
        unknown.add("Unrecognized configuration key \"" + word.raw() + '"');
      } else {
        lines.addAll(lines(option));
      }
    }
    if (!unknown.isEmpty()) {
      throw new FakeRefusal(552, String.join("\n", unknown));
    }
    return FakeReply.of(lines);
  }

  private List<String> lines(Option option) {
    var values = set.getOrDefault(option.name(), List.of(option.byDefault()));
    return values.stream()
        .map(value -> value.isEmpty() ? option.name() : option.name() + "=" + value)
        .toList();
  }

  /** Sets all or none; what is set to nothing is set to the default. */
  String set(FakeCommand command) throws FakeRefusal {
    var wanted = new LinkedHashMap<String, List<String>>();
    for (var word : command.words()) {
      var option = known(word.name());
      var values = wanted.computeIfAbsent(option.name(), _ -> new ArrayList<>());
      var value = word.value().orElse("");
      if (!value.isEmpty()) {
        check(option, value);
        values.add(value);
      }
    }
    wanted.forEach(this::put);
    return FakeReply.OK;
  }

  private void put(String name, List<String> values) {
    var option = KNOWN.get(key(name));
    if (option == null || values.isEmpty() || values.equals(List.of(option.byDefault()))) {
      set.remove(name);
    } else {
      set.put(name, List.copyOf(values));
    }
  }

  private static Option known(String name) throws FakeRefusal {
    @Nullable Option option = KNOWN.get(key(name));
    if (option == null) {
      throw new FakeRefusal(
          552, "Unrecognized option: Unknown option '%s'.  Failing.".formatted(name));
    }
    return option;
  }

  private static void check(Option option, String value) throws FakeRefusal {
    if (value.matches(option.kind().shape)) {
      return;
    }
    throw new FakeRefusal(
        513,
        "Unacceptable option value: "
            + switch (option.kind()) {
              case POLICIES -> "Error in ExitPolicy entry.";
              case NUMBER ->
                  "Could not parse %s: Provided value is malformed or out of bounds: Unable to parse %s as a number"
                      .formatted(option.name(), value);
              case FLAG, FLAG_OR_AUTO, TEXT ->
                  "Could not parse %s: Unrecognized value %s. Allowed values are %s."
                      .formatted(
                          option.name(),
                          value,
                          option.kind() == Kind.FLAG ? "0 and 1" : "0, 1 and auto");
            });
  }
}
