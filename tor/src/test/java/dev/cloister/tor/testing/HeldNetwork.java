package dev.cloister.tor.testing;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.stream.Collectors;

/** Runs a network in a directory, says its processes' numbers, and holds it until it is killed. */
final class HeldNetwork {
  private HeldNetwork() {}

  static void main(String[] arguments) throws IOException {
    try (var network = PrivateTorNetwork.shape().startIn(Path.of(arguments[0]))) {
      IO.println(
          network.nodes().stream()
              .map(node -> Long.toString(node.pid()))
              .collect(Collectors.joining(" ")));
      System.in.transferTo(OutputStream.nullOutputStream());
    }
  }
}
