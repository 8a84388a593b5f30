package dev.cloister.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs a measurement again in a network namespace of its own. Needs root. */
enum OwnNetwork {
  /**
   * One whose loopback has packets as large as Ethernet's: in the usual ones, of 64 KiB, nothing
   * that tor sends fills one, and each turn waits 40 ms for an acknowledgement, as it does between
   * no two hosts.
   */
  LOOPBACK("ip link set lo mtu 1500 up"),

  /** One with a link of two ends. */
  VETH(
      "ip link add near type veth peer name far"
          + " && { echo 1 | tee /proc/sys/net/ipv6/conf/*/disable_ipv6 >/dev/null; true; }"
          + " && ip link set near up && ip link set far up");

  /** The end of a {@link #VETH} that is captured from. */
  static final String NEAR = "near";

  /** The end that is sent on. */
  static final String FAR = "far";

  private static final String INSIDE = "cloister.ownNetwork";

  private final String making;

  OwnNetwork(String making) {
    this.making = making;
  }

  boolean isHere() {
    return name().equals(System.getProperty(INSIDE));
  }

  /** Returns the exit code of the measurement, which writes where this does. */
  int run(Class<?> measurement, String... args) throws IOException, InterruptedException {
    var command = new ArrayList<>(List.of("unshare", "--net", "sh", "-c"));
    command.add(making + " && exec \"$@\"");
    command.add("sh");
    command.addAll(java("-D" + INSIDE + "=" + name(), measurement, args));
    return new ProcessBuilder(command).inheritIO().start().waitFor();
  }

  /** Returns the command of another Java on the same classes. */
  static List<String> java(String flag, Class<?> program, String... args) {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add(flag);
    command.add("--enable-native-access=ALL-UNNAMED");
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), program.getName()));
    command.addAll(List.of(args));
    return command;
  }
}
