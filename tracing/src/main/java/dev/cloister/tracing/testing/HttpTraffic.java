package dev.cloister.tracing.testing;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Generates HTTP connections as packets, with their truth: the same settings give the same file,
 * and the numbers that any reader of it must find. Four of five requests are GETs of about 350
 * bytes, the others POSTs of a form; three of ten responses are chunked. Segments of data from the
 * server can be swapped with the next, sent again, or sent again with a shifted window, always with
 * the same bytes.
 *
 * <p>Immutable: each setting gives another generator.
 *
 * @param requests how many in all
 * @param requestsPerConnection how many a connection carries
 * @param concurrent how many connections are open at once
 * @param meanBodyBytes the mean length of a response's content
 * @param seed where chance begins
 * @param swapPerMille how many of a thousand segments are swapped with the next
 * @param retransmitPerMille how many of a thousand are sent twice
 * @param overlapPerMille how many of a thousand are sent again from an earlier byte on
 */
public record HttpTraffic(
    long requests,
    int requestsPerConnection,
    int concurrent,
    int meanBodyBytes,
    long seed,
    int swapPerMille,
    int retransmitPerMille,
    int overlapPerMille) {

  /**
   * What a generated file holds.
   *
   * @param packets how many packets
   * @param fileBytes how large the file is
   * @param connections how many connections
   * @param requests how many requests
   * @param responses how many responses
   * @param clientBytes how many bytes of streams from clients
   * @param serverBytes how many bytes of streams from servers
   * @param swapped how many pairs of segments were swapped
   * @param retransmitted how many segments were sent again
   * @param overlapping how many segments were sent again with a shifted window
   */
  public record Truth(
      long packets,
      long fileBytes,
      long connections,
      long requests,
      long responses,
      long clientBytes,
      long serverBytes,
      long swapped,
      long retransmitted,
      long overlapping) {}

  /** Checks the settings. */
  public HttpTraffic {
    if (requests < 1 || requestsPerConnection < 1 || concurrent < 1 || meanBodyBytes < 1) {
      throw new IllegalArgumentException(
          "requests %d, requestsPerConnection %d, concurrent %d, meanBodyBytes %d: at least 1 each"
              .formatted(requests, requestsPerConnection, concurrent, meanBodyBytes));
    }
    if (2 * meanBodyBytes > HttpMessages.TEXT_BYTES) {
      throw new IllegalArgumentException("meanBodyBytes " + meanBodyBytes + ": at most 524288");
    }
  }

  /**
   * Starts with clean traffic: 10 requests a connection, 1000 connections at once, contents of 400
   * bytes.
   *
   * @param requests how many in all
   * @return a generator
   */
  public static HttpTraffic of(long requests) {
    return new HttpTraffic(requests, 10, 1000, 400, 42, 0, 0, 0);
  }

  /**
   * Sets where chance begins.
   *
   * @param start any number
   * @return a generator with that
   */
  public HttpTraffic seed(long start) {
    return new HttpTraffic(
        requests,
        requestsPerConnection,
        concurrent,
        meanBodyBytes,
        start,
        swapPerMille,
        retransmitPerMille,
        overlapPerMille);
  }

  /**
   * Sets how long contents are.
   *
   * @param bytes the mean, up to 524288
   * @return a generator with that
   */
  public HttpTraffic meanBodyBytes(int bytes) {
    return new HttpTraffic(
        requests,
        requestsPerConnection,
        concurrent,
        bytes,
        seed,
        swapPerMille,
        retransmitPerMille,
        overlapPerMille);
  }

  /**
   * Sets how connections share the link.
   *
   * @param perConnection how many requests a connection carries
   * @param atOnce how many connections are open at once
   * @return a generator with that
   */
  public HttpTraffic connections(int perConnection, int atOnce) {
    return new HttpTraffic(
        requests,
        perConnection,
        atOnce,
        meanBodyBytes,
        seed,
        swapPerMille,
        retransmitPerMille,
        overlapPerMille);
  }

  /**
   * Makes the link a bad one.
   *
   * @param swaps how many of a thousand segments are swapped with the next
   * @param retransmissions how many of a thousand are sent twice
   * @param overlaps how many of a thousand are sent again from an earlier byte on
   * @return a generator with that
   */
  public HttpTraffic dirt(int swaps, int retransmissions, int overlaps) {
    return new HttpTraffic(
        requests,
        requestsPerConnection,
        concurrent,
        meanBodyBytes,
        seed,
        swaps,
        retransmissions,
        overlaps);
  }

  /**
   * Generates the packets.
   *
   * @param file where they go, as a capture file
   * @return what the file holds
   * @throws IOException when the file cannot be written
   */
  public Truth write(Path file) throws IOException {
    try (var out = PcapWriter.to(file)) {
      return new HttpGeneration(this, out).run();
    }
  }
}
