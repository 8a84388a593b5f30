package dev.cloister.tracing.tracer;

import dev.cloister.core.policy.Document;
import dev.cloister.core.policy.Node;
import dev.cloister.core.testing.SharedData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A capture of public projects, with what was found in it without this library: the streams by a
 * program of its own, the rest by tshark. Nothing is known of the streams of the capture that was
 * made for overlapping fragments.
 *
 * @param name its file, without the folder
 * @param manifest what was counted, by column
 * @param facts its streams, direction by direction; at most 120
 * @param ends the two ends of the first 25 connections, where the reference tells them
 */
record SharedCapture(
    String name, Map<String, String> manifest, List<Node> facts, Map<Long, Set<String>> ends) {

  /** Its connections are inside of VXLAN, where this library does not look. */
  static final String VXLAN = "zeek__vxlan-encapsulated-http.pcap";

  /**
   * Made for the policies of overlapping fragments, which a reference of one policy cannot judge.
   */
  static final String OVERLAPPING = "synthetic__novak_ipfrag.pcap";

  /** The reference has no ends for the connections inside of sFlow samples. */
  private static final String UNTOLD = ":0";

  private static final String FOLDER = "dev/";

  /** Reads all that the manifest lists. */
  static Stream<SharedCapture> all() throws IOException {
    var lines = Files.readAllLines(SharedData.path("pcaps/MANIFEST.tsv"));
    var facts = Document.read(SharedData.path("pcaps/FACTS.json")).root();
    var columns = List.of(lines.getFirst().split("\t", -1));
    return lines.stream().skip(1).map(line -> of(columns, line.split("\t", -1), facts));
  }

  private static SharedCapture of(List<String> columns, String[] values, Node facts) {
    var manifest = new LinkedHashMap<String, String>();
    IntStream.range(0, columns.size()).forEach(i -> manifest.put(columns.get(i), values[i]));
    var file = values[0];
    return new SharedCapture(
        file.substring(FOLDER.length()),
        manifest,
        list(facts, file, "ref_directions"),
        list(facts, file, "streams_first25").stream()
            .filter(stream -> !stream.required("node0").text().equals(UNTOLD))
            .collect(
                Collectors.toMap(
                    stream -> stream.required("stream").integer(0, 24), SharedCapture::ends)));
  }

  private static List<Node> list(Node facts, String file, String name) {
    return facts
        .optional(file)
        .flatMap(capture -> capture.optional(name))
        .map(Node::items)
        .orElse(List.of());
  }

  private static Set<String> ends(Node stream) {
    return Stream.of("node0", "node1")
        .map(node -> stream.required(node).text().replaceAll("[\\[\\]]", ""))
        .collect(Collectors.toSet());
  }

  static Path path(String name) {
    return SharedData.path("pcaps/" + FOLDER + name);
  }

  Path path() {
    return path(name);
  }

  long counted(String column) {
    return Long.parseLong(manifest.getOrDefault(column, "no column " + column));
  }

  @Override
  public String toString() {
    return name;
  }
}
