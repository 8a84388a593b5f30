package dev.cloister.examples;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Traffic with canaries in it, in a large file and a small one, and the search for them.
 *
 * @param seed of it all, for who must see it again
 * @param large as many bursts as were asked for
 * @param small one
 * @param search finds each canary in any of its forms
 */
record Planted(long seed, Path large, Path small, CanarySearch search) {

  static Planted in(Path directory, int bursts) throws IOException {
    var seed = System.nanoTime();
    var traffic = new CanaryTraffic(seed);
    var large = directory.resolve("large.pcap");
    traffic.write(large, bursts);
    var small = directory.resolve("small.pcap");
    traffic.write(small, 1);
    return new Planted(seed, large, small, CanarySearch.forAll(traffic.canaries()));
  }

  /** Traces the small file into a directory, where a killed tracer has left its spill. */
  Run tracedAfter(KilledProcess killed, Path output) {
    return Run.of(
        new Trace(), "--in=" + small, "--out=" + output, "--spill=" + killed.spill, "--accept=all");
  }
}
