package dev.cloister.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.StringJoiner;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;

/** Who takes frames from a link, each with a ring of 64 MiB, in a process of its own. */
enum LinkReceiver {
  /** Into a file, through the page cache. */
  TCPDUMP("tcpdump to disk", "listening on", "(\\d+) packets captured"),
  /** Likewise. */
  NETSNIFF("netsniff-ng to disk", "Running", "(\\d+)\\s+packets passed filter"),
  /** Given to nobody, each in an array of its own. */
  PCAP4J("pcap4j", LinkTaker.READY, "taken (\\d+)"),
  /** Given to nobody. */
  RING("the ring", LinkTaker.READY, "taken (\\d+)"),
  /** Through a sealed context into its store, which keeps nothing in memory. */
  STORE("the ring, encrypted and written", LinkTaker.READY, "taken (\\d+)");

  private static final int RING_MIB = 64;

  /** The least that a process's time can be told by. */
  private static final Duration IDLE = Duration.ofMillis(10);

  private final String title;
  private final String ready;
  private final Pattern taken;

  LinkReceiver(String title, String ready, String taken) {
    this.title = title;
    this.ready = ready;
    this.taken = Pattern.compile(taken);
  }

  String title() {
    return title;
  }

  private boolean isJava() {
    return this != TCPDUMP && this != NETSNIFF;
  }

  private List<String> command(Path place) {
    var file = place.resolve("frames.pcap").toString();
    return switch (this) {
      case TCPDUMP ->
          List.of(
              "tcpdump",
              "-Z",
              "root",
              "-n",
              "-i",
              OwnNetwork.NEAR,
              "-s",
              "0",
              "-B",
              Integer.toString(RING_MIB << 10),
              "-w",
              file);
      case NETSNIFF ->
          List.of(
              "netsniff-ng",
              "--in",
              OwnNetwork.NEAR,
              "--out",
              file,
              "--silent",
              "--ring-size",
              RING_MIB + "MiB");
      case PCAP4J ->
          OwnNetwork.java("-Xmx1g", Pcap4jTaker.class, OwnNetwork.NEAR, Integer.toString(RING_MIB));
      case RING, STORE ->
          OwnNetwork.java(
              "-Xmx1g",
              LinkTaker.class,
              name(),
              OwnNetwork.NEAR,
              Integer.toString(RING_MIB),
              place.toString());
    };
  }

  /** Starts it, and waits until it listens. */
  Running start(Path place) throws IOException {
    var process = new ProcessBuilder(command(place)).redirectErrorStream(true).start();
    var out = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
    var said = new StringJoiner("\n");
    for (var line = out.readLine(); line != null; line = out.readLine()) {
      if (line.contains(ready)) {
        return new Running(process, out);
      }
      said.add(line);
    }
    throw new IOException(title + " does not listen: " + said);
  }

  /** A receiver at work. */
  final class Running implements AutoCloseable {
    private static final long QUIET_NANOS = TimeUnit.MILLISECONDS.toNanos(300);

    private final Process process;
    private final BufferedReader out;

    Running(Process process, BufferedReader out) {
      this.process = process;
      this.out = out;
    }

    /** Waits until it does nothing any more; returns what it has used of the processor. */
    long quietCpuNanos() {
      var before = cpu();
      while (true) {
        LockSupport.parkNanos(QUIET_NANOS);
        var now = cpu();
        if (now.minus(before).compareTo(IDLE) <= 0) {
          return now.toNanos();
        }
        before = now;
      }
    }

    private Duration cpu() {
      return process.info().totalCpuDuration().orElseThrow();
    }

    /** Ends it, and returns how many frames it took. */
    long end() throws IOException {
      process.getOutputStream().close();
      if (!isJava()) {
        // By its handle: the other way closes what it says, too.
        process.toHandle().destroy();
      }
      for (var line = out.readLine(); line != null; line = out.readLine()) {
        var match = taken.matcher(line);
        if (match.find()) {
          return Long.parseLong(match.group(1));
        }
      }
      throw new IOException(title + " ended without a number");
    }

    @Override
    public void close() {
      process.destroyForcibly().onExit().join();
    }
  }
}
