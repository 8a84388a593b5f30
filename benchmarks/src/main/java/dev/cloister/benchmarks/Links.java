package dev.cloister.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * Measures what it costs to take frames from a link: the processor's time a frame, and the highest
 * rate at which none is lost. The link is a pair of virtual interfaces in a network of its own;
 * sender, receiver and disk are one machine's, and the sender gives out first where that is said.
 * It asserts nothing. Needs root, ip, trafgen, netsniff-ng and tcpdump.
 *
 * <p>Arguments: how many frames at each rate (1000000), of how many bytes (1014), and in which
 * directory they are written (that for temporary files).
 */
public final class Links {
  /** Frames a second; 0 is as many as the sender can. */
  private static final List<Integer> RATES = List.of(50_000, 100_000, 200_000, 400_000, 0);

  /** A compiler that is still at work would be counted as the receiver's. */
  private static final int WARM_RATE = 100_000;

  private static final int WARM_FRAMES = 500_000;
  private static final double AIM = 1.5;

  private final int frames;
  private final Path directory;
  private final Path packet;
  private final List<LinkRow> rows = new ArrayList<>();

  private Links(int frames, int frameBytes, Path directory) throws IOException {
    this.frames = frames;
    this.directory = directory;
    this.packet = directory.resolve("packet.cfg");
    Files.writeString(
        packet, "{ fill(0x02, 12), const16(0x0800), fill(0x45, %d) }%n".formatted(frameBytes - 14));
  }

  /**
   * Runs the measurement and prints a table in Markdown.
   *
   * @param args how many frames, how many bytes each has, where they are written
   */
  public static void main(String[] args) throws Exception {
    if (!OwnNetwork.VETH.isHere()) {
      System.exit(OwnNetwork.VETH.run(Links.class, args));
    }
    var frames = args.length > 0 ? Integer.parseInt(args[0]) : 1_000_000;
    var frameBytes = args.length > 1 ? Integer.parseInt(args[1]) : 1014;
    var parent = args.length > 2 ? Path.of(args[2]) : Path.of(System.getProperty("java.io.tmpdir"));
    var directory = Files.createTempDirectory(parent, "cloister-links-");
    var links = new Links(frames, frameBytes, directory);
    try {
      links.run();
    } finally {
      Files.delete(links.packet);
      Files.delete(directory);
    }
    System.out.printf("%s; %,d frames of %d bytes%n%n", Machine.describe(), frames, frameBytes);
    System.out.println(LinkRow.HEAD);
    links.rows.forEach(System.out::println);
    System.out.println();
    for (var receiver : LinkReceiver.values()) {
      System.out.println(links.lossFree(receiver));
    }
    System.out.println(links.verdict());
  }

  private void run() throws IOException, InterruptedException {
    for (var receiver : LinkReceiver.values()) {
      for (var rate : RATES) {
        rows.add(measure(receiver, rate));
      }
    }
  }

  private LinkRow measure(LinkReceiver receiver, int rate)
      throws IOException, InterruptedException {
    var place = Files.createDirectory(directory.resolve("written"));
    try (var running = receiver.start(place)) {
      send(WARM_FRAMES, WARM_RATE);
      var before = running.quietCpuNanos();
      var began = System.nanoTime();
      send(frames, rate);
      var seconds = (System.nanoTime() - began) / 1e9;
      var spent = running.quietCpuNanos() - before;
      var lost = WARM_FRAMES + frames - running.end();
      return new LinkRow(receiver, rate, frames / seconds, spent / 1e3 / frames, lost);
    } finally {
      delete(place);
    }
  }

  private void send(int count, int rate) throws IOException, InterruptedException {
    var command = new ArrayList<>(List.of("trafgen", "--in", packet.toString()));
    command.addAll(
        List.of("--out", OwnNetwork.FAR, "--num", Integer.toString(count), "--cpus", "1"));
    if (rate > 0) {
      command.addAll(List.of("--rate", rate + "pps"));
    }
    var sender =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    if (sender.waitFor() != 0) {
      throw new IOException("trafgen failed: " + command);
    }
  }

  private static void delete(Path place) throws IOException {
    try (var files = Files.list(place)) {
      for (var file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(place);
  }

  private String lossFree(LinkReceiver receiver) {
    return rows.stream()
        .filter(row -> row.receiver() == receiver && row.lost() == 0)
        .max(Comparator.comparingDouble(LinkRow::rate))
        .map(row ->
            "%s: frames a second without a loss: %s  ".formatted(receiver.title(), row.reached()))
        .orElse(receiver.title() + ": frames were lost at every rate  ");
  }

  /** Holds what is encrypted and written against tcpdump, where neither lost anything. */
  private String verdict() {
    var ours = cost(LinkReceiver.STORE);
    var peers = cost(LinkReceiver.TCPDUMP);
    return String.format(
        Locale.ROOT,
        "%s takes %.2f times the processor's time of %s; asked: at most %.1f: %s",
        LinkReceiver.STORE.title(),
        ours / peers,
        LinkReceiver.TCPDUMP.title(),
        AIM,
        ours <= AIM * peers ? "met" : "not met");
  }

  private double cost(LinkReceiver receiver) {
    return rows.stream()
        .filter(row -> row.receiver() == receiver && row.lost() == 0)
        .mapToDouble(LinkRow::cpuMicros)
        .average()
        .orElse(Double.NaN);
  }
}
