package dev.cloister.examples;

import dev.cloister.core.policy.Decision;
import dev.cloister.core.policy.NetworkPolicy;
import dev.cloister.examples.Example.BadRequest;
import dev.cloister.sandbox.firewall.FirewallPlan;
import dev.cloister.sandbox.firewall.Iptables;
import dev.cloister.sandbox.firewall.Nftables;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Decides about destinations by a Tor exit policy, or writes the firewall that holds to it. */
@Command(
    name = "ExitPolicy",
    description = {
      "Reads destinations from standard input, one a line, and prints accept or reject, a tab, and",
      "the rule. The policy is taken as it stands: where no rule matches, Tor accepts. With",
      "--render it prints the rules of a firewall instead and reads nothing."
    },
    sortOptions = false)
final class ExitPolicy implements Callable<Integer> {
  /** IPv4, or IPv6 in brackets, and a port. */
  private static final Pattern DESTINATION =
      Pattern.compile("(?:\\[([^\\[\\]]*:[^\\[\\]]*)\\]|([0-9.]+)):([0-9]{1,5})");

  private static final int PORT_MAX = 65_535;

  @Option(
      names = "--policy",
      required = true,
      paramLabel = "TEXT",
      description = "rules as in Tor's ExitPolicy, with commas or line ends between (required)")
  private @Nullable String policy;

  @Option(
      names = "--render",
      paramLabel = "NAME",
      description =
          "nft or iptables: the rules for a function at 10.213.0.2 and fd00:213::2 behind"
              + " cloister0 (default: none)")
  private @Nullable String render;

  @SuppressWarnings("unused") // picocli acts on it
  @Option(names = "--help", usageHelp = true, description = "print this and exit (default: off)")
  private boolean help;

  ExitPolicy() {}

  /** Runs the example. */
  static void main(String[] args) {
    System.exit(Example.run(new ExitPolicy(), args));
  }

  @Override
  public Integer call() throws BadRequest, IOException {
    var text = Objects.requireNonNull(policy);
    var rules = dev.cloister.tor.exitpolicy.ExitPolicy.parse("--policy", text.lines().toList());
    if (render != null) {
      IO.print(rendered(render, rules.networkPolicy()));
      return Example.OK;
    }
    rules.ignored().forEach(System.err::println);
    return decide(rules);
  }

  private static int decide(dev.cloister.tor.exitpolicy.ExitPolicy rules) throws IOException {
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    var exit = Example.OK;
    var number = 0;
    for (var line = in.readLine(); line != null; line = in.readLine()) {
      number++;
      var decision = decision(rules, line.strip());
      if (decision.isEmpty()) {
        System.err.println(
            "standard input:%d \"%s\": must be IP:PORT, IPv6 in brackets, port 1-%d"
                .formatted(number, line, PORT_MAX));
        exit = Example.DAMAGED;
      } else {
        var accepted = decision.get().accepted() ? "accept" : "reject";
        IO.println(accepted + "\t" + decision.get().rule());
      }
    }
    return exit;
  }

  private static Optional<Decision> decision(
      dev.cloister.tor.exitpolicy.ExitPolicy rules, String line) throws UnknownHostException {
    var destination = DESTINATION.matcher(line);
    if (!destination.matches()) {
      return Optional.empty();
    }
    var ipv6 = destination.group(1);
    var address = NumericAddress.parse(ipv6 == null ? destination.group(2) : ipv6);
    var port = Integer.parseInt(destination.group(3));
    if (address.isEmpty() || port < 1 || port > PORT_MAX) {
      return Optional.empty();
    }
    return Optional.of(rules.decide(InetAddress.getByAddress(address.get()), port));
  }

  /** Writes rules for nft -f, or for iptables-restore and then ip6tables-restore. */
  private static String rendered(String name, NetworkPolicy policy) throws BadRequest {
    var plan =
        new FirewallPlan(
            "cloister",
            "cloister0",
            Inet4Address.ofLiteral("10.213.0.2"),
            (Inet6Address) Inet6Address.ofLiteral("fd00:213::2"),
            policy,
            true);
    return switch (name) {
      case "nft" -> Nftables.table(plan);
      case "iptables" -> {
        var rules = Iptables.rules(plan);
        yield "# iptables-restore --noflush\n%s# ip6tables-restore --noflush\n%s"
            .formatted(rules.ipv4(), rules.ipv6());
      }
      default -> throw new BadRequest("--render " + name + ": allowed are nft and iptables");
    };
  }
}
