package dev.cloister.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.policy.Document;
import dev.cloister.core.policy.Node;
import dev.cloister.core.testing.RequiresShared;
import dev.cloister.core.testing.SharedData;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The table of streams on public captures, against what another program found in them. */
@RequiresShared
final class FactsTest {
  private static final String DIRECTIONS = "ref_directions";

  /** So many holes of a direction are listed in the facts. */
  private static final int HOLES_MAX = 20;

  /** Its packets are in VXLAN, which is not decoded yet. */
  private static final String NOT_YET = "dev/zeek__vxlan-encapsulated-http.pcap";

  static List<String> captures() throws IOException {
    var captures =
        facts().members().entrySet().stream()
            .filter(capture -> capture.getValue().members().containsKey(DIRECTIONS))
            .map(Map.Entry::getKey)
            .filter(capture -> !capture.equals(NOT_YET))
            .toList();
    assertThat(captures).hasSizeGreaterThan(20);
    return captures;
  }

  private static Node facts() throws IOException {
    return Document.read(SharedData.path("pcaps/FACTS.json")).root();
  }

  @ParameterizedTest
  @MethodSource("captures")
  void everyDirectionIsAsTheReferenceHasIt(String capture) throws IOException {
    var run = Run.of(new Streams(), "--in=" + SharedData.path("pcaps/" + capture));
    assertThat(run.outLines().stream().map(FactsTest::comparable).toList())
        .containsAll(
            facts().required(capture).required(DIRECTIONS).items().stream()
                .map(FactsTest::expected)
                .toList());
  }

  /** Every column but the destination, which the facts leave out. */
  private static String comparable(String line) {
    assertThat(line.split("\t", -1)).as(line).hasSize(10);
    var shortened = line.replaceFirst("((,?[0-9]+[+][0-9]+){%d}).*".formatted(HOLES_MAX), "$1");
    return shortened.replaceFirst("(\\t[^\\t]*)\\t[^\\t]*", "$1").replace('\t', ' ');
  }

  private static String expected(Node direction) {
    var holes =
        direction.required("holes").items().stream()
            .map(hole -> hole.items().getFirst().scalar() + "+" + hole.items().getLast().scalar())
            .collect(Collectors.joining(","));
    return String.join(
        " ",
        direction.required("stream").scalar(),
        direction.required("src").text(),
        direction.required("span_bytes").scalar(),
        direction.required("prefix_bytes").scalar(),
        direction.required("prefix_first_wins_sha256").text(),
        direction.required("hole_bytes").scalar(),
        direction.required("duplicate_bytes").scalar(),
        direction.required("conflicting_bytes").scalar(),
        holes.isEmpty() ? "-" : holes);
  }
}
