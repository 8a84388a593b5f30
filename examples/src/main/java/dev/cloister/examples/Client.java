package dev.cloister.examples;

import dev.cloister.core.Denied;
import dev.cloister.core.Description;
import dev.cloister.core.key.SecretAccess;
import dev.cloister.core.policy.Manifest;
import dev.cloister.examples.Example.BadRequest;
import dev.cloister.sandbox.session.CellClient;
import dev.cloister.sandbox.session.RemoteCell;
import dev.cloister.sandbox.session.RemoteGrant;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Brings a function to the first node whose policy fits, or goes on with one that runs there. */
@Command(
    name = "Client",
    description = {
      "Reads the policy of each node in turn, and starts the function on the first that gives all"
          + " it",
      "needs; writes what it sends to standard output, and the steps to standard error. Or, with",
      "--grant, goes on with a function that was left running. Exit 1 when no policy fits, or the",
      "function failed. Nodes of this host need nothing; others --socks, and those reached by exit",
      "--control too."
    },
    sortOptions = false)
final class Client implements Callable<Integer> {
  private static final Duration ANSWER = Duration.ofMinutes(2);

  /** What a dropbox's grant is called once a browser has put a page there. */
  private static final String PAGE = "page";

  @Option(
      names = "--node",
      arity = "1..*",
      paramLabel = "ADDRESS",
      description = "what Node wrote to DIR/address; several are tried in order")
  private List<String> nodes = new ArrayList<>();

  @Option(names = "--manifest", paramLabel = "FILE", description = "what the function needs")
  private @Nullable Path manifest;

  @Option(names = "--code", paramLabel = "FILE", description = "the function")
  private @Nullable Path code;

  @Option(
      names = "--function",
      paramLabel = "NAME",
      description = {
        "instead of --code, one that ships: browser fetches the page whose URL is sent, with --into"
            + " to a dropbox;",
        "dropbox keeps what is sent, and gives it out when it is gone on with and nothing is sent."
            + " Without",
        "--manifest it asks for its own needs and the network that the node gives"
      })
  private @Nullable ShippedFunction function;

  @Option(
      names = "--data",
      paramLabel = "FILE",
      description = "what it finds in its store as data (default: nothing)")
  private @Nullable Path data;

  @Option(
      names = "--into",
      paramLabel = "GRANTFILE",
      description = "another function's grant, sent as the first message (default: none)")
  private @Nullable Path into;

  @Option(
      names = "--keep",
      paramLabel = "GRANTFILE",
      description = "leave the function running, and write its grant there (default: end it)")
  private @Nullable Path keep;

  @Option(
      names = "--policy-only",
      description = "only say whether a policy fits; nothing is started (default: off)")
  private boolean isPolicyOnly;

  @Option(
      names = "--grant",
      paramLabel = "GRANTFILE",
      description = "go on with the function that --keep left (instead of --node)")
  private @Nullable Path grant;

  @Option(names = "--shutdown", description = "with --grant: end it (default: leave it)")
  private boolean isShuttingDown;

  @Option(
      names = "--socks",
      paramLabel = "PORT",
      description = "a tor's SOCKS port on this host (default: none; nodes of this host only)")
  private @Nullable Integer socks;

  @Option(
      names = "--control",
      paramLabel = "PORT",
      description = "that tor's control port, for nodes that are reached by exit (default: none)")
  private @Nullable Integer control;

  @Option(
      names = "--send",
      paramLabel = "TEXT",
      description = "a message to the function (default: none)")
  private @Nullable String send;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "where the function's output goes (default: standard output)")
  private @Nullable Path out;

  @SuppressWarnings("unused") // picocli acts on it
  @Option(names = "--help", usageHelp = true, description = "print this and exit (default: off)")
  private boolean help;

  Client() {}

  /** Runs the example. */
  static void main(String[] args) {
    System.exit(Example.run(new Client(), args));
  }

  @Override
  public Integer call() throws BadRequest, IOException {
    checkTogether();
    try (var ways = ClientWays.of(socks, control)) {
      if (grant != null) {
        return goOn(ways, grant);
      }
      var needs = needs();
      var clients = new ArrayList<CellClient>();
      for (var node : nodes) {
        clients.add(ways.to(node));
      }
      return bring(ways, clients, needs);
    } catch (Denied e) {
      String.valueOf(e.getMessage()).lines().forEach(Client::tell);
      return Example.DAMAGED;
    }
  }

  /** What would be passed over is refused. */
  private void checkTogether() throws BadRequest {
    var ofBringing =
        Stream.of(manifest, code, function, data, into, keep).anyMatch(Objects::nonNull);
    if (grant != null && (ofBringing || isPolicyOnly || !nodes.isEmpty())) {
      throw new BadRequest(
          "--grant goes on with a function that runs: beside it are --send, --out, --shutdown,"
              + " --socks and --control");
    }
    if (isShuttingDown && grant == null) {
      throw new BadRequest("--shutdown ends the function of --grant: name its file");
    }
  }

  private ClientSteps.Needs needs() throws BadRequest, IOException {
    var isGiven = function != null || (manifest != null && (code != null || isPolicyOnly));
    if (nodes.isEmpty() || !isGiven || (function != null && code != null)) {
      throw new BadRequest(
          "--node is needed, with --manifest and --code or with --function; or --grant");
    }
    if (function != null && send != null) {
      function.check(send);
    }
    if (manifest == null) {
      return node -> Objects.requireNonNull(function).manifest(node.policy(), into != null);
    }
    var asked = Manifest.load(Options.readable("--manifest", manifest));
    if (function != null && !asked.codeDigest().equals(Description.sha256Hex(function.code()))) {
      throw new BadRequest(
          "--manifest %s: codeDigest %s is not that of --function %s, which is %s"
              .formatted(
                  manifest, asked.codeDigest(), function, Description.sha256Hex(function.code())));
    }
    return _ -> asked;
  }

  private int bring(ClientWays ways, List<CellClient> clients, ClientSteps.Needs needs)
      throws BadRequest, IOException {
    var uploaded = function != null && data == null ? function.data() : content("--data", data);
    var brought = function != null ? function.code() : content("--code", code);
    var admitted = ClientSteps.admitted(clients, needs, Client::tell);
    if (admitted.isEmpty() || isPolicyOnly) {
      return admitted.isEmpty() ? Example.DAMAGED : Example.OK;
    }
    try (var output = output();
        var cell = ClientSteps.started(admitted.get(), brought, uploaded, Client::tell)) {
      var isWell = true;
      if (function != null) {
        isWell = talkTo(function, ways, cell, output);
      } else if (into != null) {
        sendGrant(cell, into);
      }
      var exit = keep == null ? runToItsEnd(cell, output) : leave(cell, output, keep);
      return isWell ? exit : Example.DAMAGED;
    }
  }

  private static void sendGrant(RemoteCell cell, Path file) throws BadRequest, IOException {
    try (var kept = GrantFile.read(Options.readable("--into", file))) {
      cell.send(kept.grant);
    }
  }

  /** A dropbox is started to be left, and what it has is asked for later. */
  private boolean talkTo(
      ShippedFunction shipped, ClientWays ways, RemoteCell cell, OutputStream output)
      throws BadRequest, IOException {
    if (into != null) {
      return store(shipped, ways, cell, output, into);
    }
    return send == null
        || shipped.talk(cell, Optional.of(send), Optional.empty(), output, Client::tell);
  }

  /** Has it hand on what it gets; the file says then what is there. */
  private boolean store(
      ShippedFunction shipped, ClientWays ways, RemoteCell cell, OutputStream output, Path file)
      throws BadRequest, IOException {
    try (var kept = GrantFile.read(Options.readable("--into", file));
        var grant = RemoteGrant.parse(kept.grant);
        var box = ways.to(grant.node()).open(grant)) {
      var isStored = shipped.store(cell, Optional.ofNullable(send), box, output, Client::tell);
      GrantFile.write(file, isStored ? PAGE : kept.function, kept.grant);
      return isStored;
    }
  }

  private static byte[] content(String option, @Nullable Path file) throws BadRequest, IOException {
    return file == null ? new byte[0] : Files.readAllBytes(Options.readable(option, file));
  }

  private OutputStream output() throws IOException {
    return out == null ? new KeptOpen(System.out) : Files.newOutputStream(out);
  }

  private int runToItsEnd(RemoteCell cell, OutputStream output) throws IOException {
    if (send != null && function == null) {
      cell.send(send.getBytes(StandardCharsets.UTF_8));
    }
    cell.endInput();
    return ClientSteps.report(ClientSteps.carry(cell, output), Client::tell);
  }

  private int leave(RemoteCell cell, OutputStream output, Path file) throws IOException {
    if (function == null) {
      talk(cell, output);
    }
    write(cell, function == null ? "" : function.name(), file);
    tell("left running; its grant is in " + file);
    return Example.OK;
  }

  /** Says what was to be said to a function that was left running. */
  private boolean talk(RemoteCell cell, String kind, OutputStream output) throws IOException {
    if (kind.equals(PAGE) && send == null) {
      ShippedFunction.takePage(cell, output, Client::tell);
      return true;
    }
    var shipped = ShippedFunction.named(kind);
    if (shipped.isPresent()) {
      return shipped
          .get()
          .talk(cell, Optional.ofNullable(send), Optional.empty(), output, Client::tell);
    }
    talk(cell, output);
    return true;
  }

  /** Has a message answered, or takes what waits. */
  private void talk(RemoteCell cell, OutputStream output) throws IOException {
    if (send != null) {
      output.write(cell.call(send.getBytes(StandardCharsets.UTF_8), ANSWER));
    } else {
      ClientSteps.carryWhatWaits(cell, output);
    }
  }

  /** Whoever reads the file has the right. */
  private static void write(RemoteCell cell, String kind, Path file) throws IOException {
    try (var kept = cell.grant()) {
      var bytes = kept.bytes(SecretAccess.granted());
      GrantFile.write(file, kind, bytes);
      Arrays.fill(bytes, (byte) 0);
    }
  }

  private int goOn(ClientWays ways, Path file) throws BadRequest, IOException {
    try (var kept = GrantFile.read(Options.readable("--grant", file))) {
      var shipped = ShippedFunction.named(kept.function);
      if (shipped.isPresent() && send != null) {
        shipped.get().check(send);
      }
      return goOn(ways, file, kept);
    }
  }

  private int goOn(ClientWays ways, Path file, GrantFile.Kept kept) throws BadRequest, IOException {
    try (var right = RemoteGrant.parse(kept.grant);
        var output = output();
        var cell = ways.to(right.node()).open(right)) {
      var isWell = true;
      if (send != null || !isShuttingDown) {
        isWell = talk(cell, kept.function, output);
        write(cell, kept.function, file);
      }
      if (isShuttingDown) {
        cell.shutdown();
        tell("shut down");
      }
      return isWell ? Example.OK : Example.DAMAGED;
    }
  }

  private static void tell(String step) {
    System.err.println(step);
  }
}
