package dev.cloister.examples;

import dev.cloister.examples.Example.BadRequest;
import dev.cloister.tor.testing.PrivateTorFailure;
import dev.cloister.tor.testing.PrivateTorNetwork;
import dev.cloister.tor.testing.TorNode;
import dev.cloister.tor.testing.TorRole;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** Runs a Tor network on this machine's loopback for as long as its standard input is open. */
@Command(
    name = "PrivateTor",
    description = {
      "Starts a real Tor network on loopback, and prints one line of JSON when it is ready: each",
      "node with its ports and fingerprint. It ends with its standard input, and removes what it",
      "wrote. It needs Debian's package tor."
    },
    sortOptions = false)
final class PrivateTor implements Callable<Integer> {
  @Option(
      names = "--dir",
      required = true,
      paramLabel = "DIR",
      description = "where its files lie meanwhile; made if there is none (required)")
  private @Nullable Path directory;

  @Option(
      names = "--authorities",
      paramLabel = "N",
      description = "nodes that vote (default: ${DEFAULT-VALUE})")
  private int authorities = PrivateTorNetwork.shape().authorities();

  @Option(
      names = "--relays",
      paramLabel = "N",
      description = "nodes that only relay (default: ${DEFAULT-VALUE})")
  private int relays = PrivateTorNetwork.shape().relays();

  @Option(
      names = "--exits",
      paramLabel = "N",
      description = "nodes that let streams out (default: ${DEFAULT-VALUE})")
  private int exits = PrivateTorNetwork.shape().exits();

  @Option(
      names = "--clients",
      paramLabel = "N",
      description = "nodes with a SOCKS port (default: ${DEFAULT-VALUE})")
  private int clients = PrivateTorNetwork.shape().clients();

  @SuppressWarnings("unused") // picocli acts on it
  @Option(names = "--help", usageHelp = true, description = "print this and exit (default: off)")
  private boolean help;

  PrivateTor() {}

  /** Runs the example. */
  static void main(String[] args) {
    System.exit(Example.run(new PrivateTor(), args));
  }

  @Override
  public Integer call() throws BadRequest, IOException {
    try (var network = start()) {
      IO.println(json(network));
      System.in.transferTo(OutputStream.nullOutputStream());
    }
    return Example.OK;
  }

  private PrivateTorNetwork start() throws BadRequest, PrivateTorFailure {
    try {
      return PrivateTorNetwork.shape()
          .authorities(authorities)
          .relays(relays)
          .exits(exits)
          .clients(clients)
          .startIn(Objects.requireNonNull(directory));
    } catch (PrivateTorFailure e) {
      throw e;
    } catch (IOException | IllegalArgumentException e) {
      throw new BadRequest(String.valueOf(e.getMessage()));
    }
  }

  private static String json(PrivateTorNetwork network) {
    var text = new StringWriter();
    try (var json = new JsonFactory().createGenerator(ObjectWriteContext.empty(), text)) {
      json.writeStartObject();
      json.writeStringProperty("directory", network.directory().toString());
      json.writeName("nodes");
      json.writeStartArray();
      network.nodes().forEach(node -> write(json, node));
      json.writeEndArray();
      json.writeEndObject();
    }
    return text.toString();
  }

  private static void write(JsonGenerator json, TorNode node) {
    json.writeStartObject();
    json.writeStringProperty("role", node.role().label());
    json.writeStringProperty("nickname", node.nickname());
    json.writeNumberProperty("pid", node.pid());
    json.writeNumberProperty("controlPort", node.controlAddress().getPort());
    json.writeStringProperty("cookie", node.cookie().toString());
    if (node.role() == TorRole.CLIENT) {
      json.writeNumberProperty("socksPort", node.socksAddress().getPort());
    } else {
      json.writeStringProperty("fingerprint", node.fingerprint().hex());
      json.writeStringProperty("address", node.orAddress().getAddress().getHostAddress());
      json.writeNumberProperty("orPort", node.orAddress().getPort());
    }
    json.writeEndObject();
  }
}
