package dev.cloister.examples;

import dev.cloister.core.gate.Declaration;
import dev.cloister.examples.Example.BadRequest;
import dev.cloister.tracing.capture.LiveLink;
import dev.cloister.tracing.capture.PacketFile;
import dev.cloister.tracing.capture.PacketSource;
import dev.cloister.tracing.tracer.Tracer;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What is traced, how much of it, and for how long. */
final class TraceInput {
  @Option(
      names = "--in",
      paramLabel = "FILE",
      description = "a pcap or pcapng file (default: the capture that ships with the examples)")
  private @Nullable Path file;

  @Option(
      names = "--live",
      paramLabel = "INTERFACE",
      description = "a network interface, instead of a file (default: none)")
  private @Nullable String link;

  @Option(
      names = "--for",
      paramLabel = "SECONDS",
      description =
          "how long to capture from --live (default: until standard input or the interface ends)")
  private @Nullable Long seconds;

  @Option(
      names = "--cutoff",
      paramLabel = "BYTES",
      description = "keep the first bytes of each direction of a connection (default: all of them)")
  private @Nullable Long cutoffBytes;

  TraceInput() {}

  /** Tells whether it is the public capture that ships with the examples. */
  boolean isShipped() {
    return file == null && link == null;
  }

  /** Tells whether it is what others send now. */
  boolean isLive() {
    return link != null;
  }

  /** Returns the source; a file is looked into first. */
  Declaration<PacketSource> declared(boolean lab) throws BadRequest, IOException {
    if (link != null) {
      return live(link, lab);
    }
    if (seconds != null) {
      throw new BadRequest("--for %d: a file ends by itself: give --live too".formatted(seconds));
    }
    var capture = PacketFile.at(file == null ? Shipped.capture() : Options.readable("--in", file));
    capture.open().close();
    return capture;
  }

  private LiveLink live(String name, boolean lab) throws BadRequest {
    if (file != null) {
      throw new BadRequest("--live %s: --in names another input: leave one out".formatted(name));
    }
    if (lab) {
      throw new BadRequest("--live %s: a lab takes no live link: leave --lab out".formatted(name));
    }
    if (seconds != null && seconds < 1) {
      throw new BadRequest("--for %d: must be at least 1".formatted(seconds));
    }
    try {
      return LiveLink.on(name);
    } catch (IllegalArgumentException e) {
      throw new BadRequest("--live: " + e.getMessage());
    }
  }

  void checkCutoff() throws BadRequest {
    if (cutoffBytes != null && cutoffBytes < 1) {
      throw new BadRequest("--cutoff %d: must be at least 1".formatted(cutoffBytes));
    }
  }

  Tracer.Setup cut(Tracer.Setup setup) {
    return cutoffBytes == null ? setup : setup.cutoff(cutoffBytes);
  }

  /** Returns what a capture that has no end of its own waits for. */
  Optional<TraceThreads.Step> end() {
    return link == null ? Optional.empty() : Optional.of(this::awaitEnd);
  }

  private void awaitEnd() throws IOException {
    if (seconds == null) {
      System.in.transferTo(OutputStream.nullOutputStream());
      return;
    }
    try {
      Thread.sleep(Duration.ofSeconds(seconds));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
