package dev.cloister.sandbox.escape;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * One try of a hostile function to reach past its boundary: a Python function of one parameter,
 * {@code world}, in one of the resources beside this class. What such a function returns says
 * {@code attack.py}, which stands in front of each.
 */
record Attack(String area, String name, String source) {
  private static final String OUTPUT = "output";

  private static final List<String> AREAS =
      List.of(
          "files",
          "descriptors",
          "proc",
          "processes",
          "programs",
          "privileges",
          "sockets",
          "kernel",
          "gates",
          OUTPUT,
          Neighbour.AREA);

  private static final Pattern FUNCTION = Pattern.compile("(?m)^def (\\w+)\\(world\\):$");

  /** Every attack there is, by area. */
  static List<Attack> all() throws IOException {
    var shared = resource("attack.py");
    var all = new ArrayList<Attack>();
    for (var area : AREAS) {
      var source = shared + "\n" + resource(area + ".py");
      FUNCTION
          .matcher(source)
          .results()
          .forEach(found -> all.add(new Attack(area, found.group(1), source)));
    }
    return all;
  }

  /** Tells whether it is on the function next door. */
  boolean onNeighbour() {
    return area.equals(Neighbour.AREA);
  }

  /** Tells whether it is on the host's memory, and may break off without a word. */
  boolean onOutput() {
    return area.equals(OUTPUT);
  }

  /** A whole program that tries it once. */
  byte[] code() {
    return (source + "\nattempt(\"" + name + "\")\n").getBytes(UTF_8);
  }

  static String resource(String name) throws IOException {
    try (var in = Attack.class.getResourceAsStream(name)) {
      return new String(Objects.requireNonNull(in, name).readAllBytes(), UTF_8);
    }
  }

  @Override
  public String toString() {
    return area + "." + name;
  }
}
