package dev.cloister.examples;

import dev.cloister.core.policy.Document;
import dev.cloister.core.policy.Node;
import java.io.IOException;
import java.nio.file.Path;

/** What a trace wrote into summary.json, read strictly. */
record Summary(Node root) {

  static Summary of(Path output) throws IOException {
    return new Summary(Document.read(output.resolve("summary.json")).root());
  }

  long number(String name) {
    return number(root.required(name));
  }

  private static long number(Node node) {
    return node.integer(0, Long.MAX_VALUE);
  }

  /** Adds up an object of numbers. */
  long sum(String name) {
    return root.required(name).members().values().stream().mapToLong(Summary::number).sum();
  }
}
