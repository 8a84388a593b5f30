package dev.cloister.examples;

import dev.cloister.tracing.tracer.TraceSummary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;

/** What a trace says to people. */
final class Report {
  private static final int RECORDS = 3;

  private Report() {}

  static String health(TraceSummary summary) {
    var text = new StringBuilder();
    row(text, "packets received", summary.received());
    row(text, "packets analysed", summary.analysed());
    rows(text, "packets lost: ", summary.lost());
    row(text, "TCP connections", summary.tcpFlows());
    row(text, "IP datagrams reassembled", summary.ipDatagramsReassembled());
    row(text, "HTTP requests", summary.httpRequests());
    row(text, "HTTP responses", summary.httpResponses());
    row(text, "bytes never captured", summary.holeBytes());
    row(text, "bytes sent in two versions", summary.conflictingBytes());
    row(text, "erroneous flows", summary.erroneousFlows());
    rows(text, "evicted: ", summary.evicted());
    row(text, "bytes spilled, encrypted", summary.spilledBytes());
    return text.toString();
  }

  private static void row(StringBuilder text, String what, long number) {
    text.append("  %-28s %,d%n".formatted(what, number));
  }

  private static void rows(StringBuilder text, String prefix, Map<String, Long> numbers) {
    numbers.forEach((cause, number) -> {
      if (number > 0) {
        row(text, prefix + cause, number);
      }
    });
  }

  static String firstRecords(Path trace) throws IOException {
    try (var lines = Files.lines(trace)) {
      return lines
          .skip(1)
          .limit(RECORDS)
          .map(line -> "  " + line + System.lineSeparator())
          .collect(Collectors.joining());
    }
  }
}
