package dev.cloister.tor.exitpolicy;

import java.net.InetAddress;
import java.util.List;

/**
 * What a relay puts before and after the rules of its torrc, by options beside {@code ExitPolicy};
 * see tor(1). {@code ExitRelay 0} and {@code ExitPolicyRejectLocalInterfaces} are not among them.
 * Immutable.
 *
 * @param ipv6Exit {@code IPv6Exit}: without it every IPv6 destination is rejected first
 * @param rejectPrivate {@code ExitPolicyRejectPrivate}: private networks and the relay's own
 *     addresses are rejected first
 * @param addresses the public addresses that the relay advertises
 * @param ending what follows the rules
 */
public record RelayOptions(
    boolean ipv6Exit, boolean rejectPrivate, List<InetAddress> addresses, Ending ending) {
  /** Of a relay that sets none: no IPv6, nothing private, and the default policy at the end. */
  public static final RelayOptions STANDARD =
      new RelayOptions(false, true, List.of(), Ending.DEFAULT);

  /** What a relay appends to the rules of its torrc. */
  public enum Ending {
    /** The default policy: all ports but those of mail, of Windows networks and of file sharing. */
    DEFAULT(
        """
        reject *:25,reject *:119,reject *:135-139,reject *:445,reject *:563,reject *:1214
        reject *:4661-4666,reject *:6346-6429,reject *:6699,reject *:6881-6999,accept *:*
        """),
    /** {@code ReducedExitPolicy 1}: some seventy ports of usual services. */
    REDUCED(
        """
        accept *:20-23,accept *:43,accept *:53,accept *:79-81,accept *:88,accept *:110,accept *:143
        accept *:194,accept *:220,accept *:389,accept *:443,accept *:464,accept *:465,accept *:531
        accept *:543-544,accept *:554,accept *:563,accept *:587,accept *:636,accept *:706
        accept *:749,accept *:873,accept *:902-904,accept *:981,accept *:989-995,accept *:1194
        accept *:1220,accept *:1293,accept *:1500,accept *:1533,accept *:1677,accept *:1723
        accept *:1755,accept *:1863,accept *:2082-2083,accept *:2086-2087,accept *:2095-2096
        accept *:2102-2104,accept *:3128,accept *:3389,accept *:3690,accept *:4321,accept *:4643
        accept *:5050,accept *:5190,accept *:5222-5223,accept *:5228,accept *:5900
        accept *:6660-6669,accept *:6679,accept *:6697,accept *:8000,accept *:8008,accept *:8074
        accept *:8080,accept *:8082,accept *:8087-8088,accept *:8232-8233,accept *:8332-8333
        accept *:8443,accept *:8888,accept *:9418,accept *:9999,accept *:10000,accept *:11371
        accept *:18080-18081,accept *:18089,accept *:19294,accept *:19638,accept *:50002
        accept *:64738,reject *:*
        """),
    /** Of a bridge: nothing more is accepted. */
    REJECT("reject *:*");

    private final String rules;

    Ending(String rules) {
      this.rules = rules;
    }

    List<String> rules() {
      return rules.lines().toList();
    }
  }

  /** Keeps the addresses. */
  public RelayOptions {
    addresses = List.copyOf(addresses);
  }

  /**
   * Sets {@code IPv6Exit}.
   *
   * @param exit whether IPv6 destinations are judged by the rules
   * @return the options otherwise unchanged
   */
  public RelayOptions withIpv6Exit(boolean exit) {
    return new RelayOptions(exit, rejectPrivate, addresses, ending);
  }

  /**
   * Sets {@code ExitPolicyRejectPrivate}.
   *
   * @param reject whether private networks and the relay's own addresses are rejected first
   * @return the options otherwise unchanged
   */
  public RelayOptions withRejectPrivate(boolean reject) {
    return new RelayOptions(ipv6Exit, reject, addresses, ending);
  }

  /**
   * Names the relay's own addresses.
   *
   * @param own those that it advertises
   * @return the options otherwise unchanged
   */
  public RelayOptions withAddresses(List<InetAddress> own) {
    return new RelayOptions(ipv6Exit, rejectPrivate, own, ending);
  }

  /**
   * Chooses what follows the rules.
   *
   * @param last the default policy, the reduced one, or none
   * @return the options otherwise unchanged
   */
  public RelayOptions withEnding(Ending last) {
    return new RelayOptions(ipv6Exit, rejectPrivate, addresses, last);
  }
}
