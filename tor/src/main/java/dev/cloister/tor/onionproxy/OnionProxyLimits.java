package dev.cloister.tor.onionproxy;

import dev.cloister.tor.socks.SocksLimits;
import java.time.Duration;

/**
 * What functions' onion proxies may take. This is a cost of the image, beside what a function's own
 * limits promise: a node that lends it needs up to {@code companions} times the rest, besides.
 * Immutable.
 *
 * @param companions functions that have one at once; more are not started
 * @param memoryBytes of each, with what it keeps in memory for the kernel; beyond it, it dies, and
 *     its function ends
 * @param processes processes and threads of each
 * @param cpuShare of one processor, for each
 * @param fileBytes of each file that it writes
 * @param bootstrap how long the start of a function waits until its proxy can open streams
 * @param gate what a function's gate spends on its connections
 */
public record OnionProxyLimits(
    int companions,
    long memoryBytes,
    int processes,
    double cpuShare,
    long fileBytes,
    Duration bootstrap,
    SocksLimits gate) {
  /** Functions with a proxy at once. */
  public static final int DEFAULT_COMPANIONS = 8;

  /**
   * What a tor takes grows with its network's directory: 13 MB for a private one of four relays.
   */
  public static final long DEFAULT_MEMORY_BYTES = 256L << 20;

  /** Tor has three threads. */
  public static final int DEFAULT_PROCESSES = 16;

  /** Half a processor. */
  public static final double DEFAULT_CPU_SHARE = 0.5;

  /** More than any file of a tor's directory is. */
  public static final long DEFAULT_FILE_BYTES = 64L << 20;

  /** Less than a client waits for an answer, unless told: so it hears why there is none. */
  public static final Duration DEFAULT_BOOTSTRAP = Duration.ofSeconds(50);

  /** A function's connections at once. */
  public static final int DEFAULT_CONNECTIONS = 32;

  /** Refuses limits under which nothing works. */
  public OnionProxyLimits {
    if (companions < 1
        || memoryBytes < 1
        || processes < 1
        || !(cpuShare > 0)
        || fileBytes < 1
        || !bootstrap.isPositive()) {
      throw new IllegalArgumentException(
          "companions %d, memory %d, processes %d, CPU %s, files %d, bootstrap %s: all must be above zero"
              .formatted(companions, memoryBytes, processes, cpuShare, fileBytes, bootstrap));
    }
  }

  /**
   * The default limits.
   *
   * @return each as named above
   */
  public static OnionProxyLimits standard() {
    return new OnionProxyLimits(
        DEFAULT_COMPANIONS,
        DEFAULT_MEMORY_BYTES,
        DEFAULT_PROCESSES,
        DEFAULT_CPU_SHARE,
        DEFAULT_FILE_BYTES,
        DEFAULT_BOOTSTRAP,
        new SocksLimits(
            DEFAULT_CONNECTIONS,
            SocksLimits.DEFAULT_HANDSHAKE,
            SocksLimits.DEFAULT_OPENING,
            SocksLimits.DEFAULT_IDLE,
            SocksLimits.DEFAULT_BUFFER_BYTES));
  }

  /**
   * Changes how many functions have a proxy at once.
   *
   * @param most at least 1
   * @return other limits
   */
  public OnionProxyLimits companions(int most) {
    return new OnionProxyLimits(most, memoryBytes, processes, cpuShare, fileBytes, bootstrap, gate);
  }

  /**
   * Changes how long a start waits.
   *
   * @param atMost more than zero
   * @return other limits
   */
  public OnionProxyLimits bootstrap(Duration atMost) {
    return new OnionProxyLimits(
        companions, memoryBytes, processes, cpuShare, fileBytes, atMost, gate);
  }

  /**
   * Changes what a gate spends.
   *
   * @param most for each function
   * @return other limits
   */
  public OnionProxyLimits gate(SocksLimits most) {
    return new OnionProxyLimits(
        companions, memoryBytes, processes, cpuShare, fileBytes, bootstrap, most);
  }
}
