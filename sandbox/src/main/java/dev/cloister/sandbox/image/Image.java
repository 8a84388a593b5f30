package dev.cloister.sandbox.image;

import dev.cloister.core.policy.Node;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a function's code is run in, as its descriptor says it; named by the digest of all that its
 * directory holds. What the program needs of the host (an interpreter, its libraries) is named in
 * the descriptor and is not in the digest: it is the operator's own. Immutable.
 *
 * @param name what policies and manifests call it: letters, digits, dots, dashes
 * @param kind what it runs
 * @param digest of the directory's content
 * @param directory where it lies
 * @param command the program and its arguments; {@code {image}} stands for the directory; empty
 *     where the function's code is the program
 * @param reads what of the host the program reads
 * @param systemCalls the names of all that the program and a function may call
 */
public record Image(
    String name,
    Kind kind,
    ImageDigest digest,
    Path directory,
    List<String> command,
    List<Path> reads,
    Set<String> systemCalls) {
  /** The descriptor's file name. */
  static final String DESCRIPTOR = "image.yaml";

  private static final String HERE = "{image}/";

  private static final int ITEMS_MAX = 1024;

  /** What an image runs. A kind that no runtime of a host runs is in its catalog, and refused. */
  public enum Kind {
    /** Python source. */
    PYTHON,
    /** Python source beside an onion proxy of the function's own. */
    PYTHON_OP,
    /** JavaScript source. */
    JAVASCRIPT,
    /** A WebAssembly module. */
    WEBASSEMBLY,
    /** A function of Java, in a test. */
    JAVA,
    /** Python source inside a trusted execution environment. */
    CONFIDENTIAL;

    /**
     * Returns the word that stands in descriptors.
     *
     * @return lower case, with dashes
     */
    public String label() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static Optional<Kind> labelled(String label) {
      return Stream.of(values()).filter(kind -> kind.label().equals(label)).findAny();
    }
  }

  /** Refuses what cannot be an image. */
  public Image {
    if (!name.matches("[a-z0-9][a-z0-9.-]{0,63}")) {
      throw new IllegalArgumentException(
          "image name \"" + name + "\": 1 to 64 lower-case letters, digits, dots, dashes");
    }
    if (name.matches("[0-9a-f]{64}")) {
      throw new IllegalArgumentException(
          "image name \"" + name + "\": it could be taken for a digest, choose another");
    }
    command = List.copyOf(command);
    reads = List.copyOf(reads);
    systemCalls = Set.copyOf(systemCalls);
  }

  /** Reads a descriptor; what it says beyond the known words is an error with its place. */
  static Image described(Node descriptor, ImageDigest digest, Path directory) {
    descriptor.only(Set.of("version", "name", "kind", "command", "reads", "systemCalls"));
    descriptor.required("version").integer(1, 1);
    var name = descriptor.required("name");
    var kind = kind(descriptor.required("kind"));
    try {
      return new Image(
          name.text(),
          kind,
          digest,
          directory,
          command(kind, descriptor),
          paths(descriptor.optional("reads")),
          new LinkedHashSet<>(texts(descriptor.required("systemCalls"))));
    } catch (IllegalArgumentException e) {
      throw name.rejected(String.valueOf(e.getMessage()));
    }
  }

  private static Kind kind(Node node) {
    return Kind.labelled(node.text())
        .orElseThrow(() ->
            node.rejected(
                "kind \"%s\": allowed are %s"
                    .formatted(
                        Node.shown(node.text()),
                        Stream.of(Kind.values())
                            .map(Kind::label)
                            .collect(Collectors.joining(", ")))));
  }

  /** A module is a program of its own; whatever else an image runs needs one. */
  private static List<String> command(Kind kind, Node descriptor) {
    return kind == Kind.WEBASSEMBLY && descriptor.optional("command").isEmpty()
        ? List.of()
        : command(descriptor.required("command"));
  }

  private static List<String> command(Node node) {
    var command = texts(node);
    if (command.isEmpty() || Stream.of("/", HERE).noneMatch(command.getFirst()::startsWith)) {
      throw node.rejected(
          "the first word must be a program's absolute path, or begin with " + HERE);
    }
    return command;
  }

  private static List<Path> paths(Optional<Node> node) {
    var paths = new ArrayList<Path>();
    for (var item : node.map(Image::items).orElse(List.of())) {
      if (!item.text().startsWith("/")) {
        throw item.rejected(
            "\"" + Node.shown(item.text()) + "\": a path of the host must be absolute");
      }
      paths.add(Path.of(item.text()).normalize());
    }
    return paths;
  }

  private static List<String> texts(Node node) {
    return items(node).stream().map(Node::text).toList();
  }

  private static List<Node> items(Node node) {
    if (node.items().size() > ITEMS_MAX) {
      throw node.rejected("a list of more than " + ITEMS_MAX + ": shorten it");
    }
    return node.items();
  }

  /**
   * Returns the command as it is run.
   *
   * @param seenAt where the program sees the image's directory
   * @return program and arguments
   */
  public List<String> commandIn(Path seenAt) {
    return command.stream().map(word -> word.replace("{image}", seenAt.toString())).toList();
  }

  /**
   * Names the image and its digest.
   *
   * @return for people
   */
  @Override
  public String toString() {
    return name + "@" + digest.hex();
  }
}
