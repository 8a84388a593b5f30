package dev.cloister.benchmarks;

import dev.cloister.core.context.ContextPlan;
import dev.cloister.core.context.SealedContext;
import dev.cloister.core.posture.Guarantees;
import dev.cloister.core.testing.MemoryEgress;
import dev.cloister.crypto.storage.SpillStore;
import dev.cloister.tracing.anonymize.AnonymizationPolicy;
import dev.cloister.tracing.capture.LiveLink;
import dev.cloister.tracing.capture.PacketSource;
import dev.cloister.tracing.http.Http;
import dev.cloister.tracing.tracer.Tracer;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** A process that takes frames from a link until its standard input ends; see {@link Links}. */
final class LinkTaker {
  static final String READY = "ready";

  private static final long DISK_BYTES = 64L << 30;
  private static final int FRAMES_A_POLL = 256;

  private LinkTaker() {}

  /** Takes what, from which interface, through how large a ring, and writes where. */
  public static void main(String[] args) throws Exception {
    var link = LiveLink.on(args[1]).ring(Long.parseLong(args[2]) << 20, 1 << 20);
    try (var box = seal(link, Path.of(args[3]));
        var threads = Executors.newCachedThreadPool()) {
      Future<Long> taken =
          threads.submit(work(LinkReceiver.valueOf(args[0]), box, threads::submit));
      System.out.println(READY);
      System.in.transferTo(OutputStream.nullOutputStream());
      box.part(PacketSource.class).stop();
      System.out.println("taken " + taken.get());
    }
  }

  private static SealedContext seal(LiveLink link, Path place) throws IOException {
    var guarantees = Guarantees.tracer().acceptAll("a measurement");
    return ContextPlan.named("links", guarantees)
        .ingress(link)
        .store(SpillStore.in(place).memoryBytes(0).diskBytes(DISK_BYTES))
        .parse(Http.schema())
        .release(AnonymizationPolicy.parse("nothing.yaml", "{version: 1, fields: {}}"))
        .egress(MemoryEgress.named("out"))
        .seal();
  }

  private interface Starter {
    Future<Boolean> start(Callable<Boolean> step);
  }

  private static Callable<Long> work(LinkReceiver receiver, SealedContext box, Starter threads) {
    return receiver == LinkReceiver.STORE ? () -> store(box, threads) : () -> count(box);
  }

  private static long count(SealedContext box) throws IOException {
    var source = box.part(PacketSource.class);
    var taken = 0L;
    for (var given = 0; given >= 0; given = source.poll(_ -> {}, FRAMES_A_POLL)) {
      taken += given;
    }
    return taken;
  }

  /** What was captured, encrypted and written, or is in the last blocks. */
  private static long store(SealedContext box, Starter threads)
      throws IOException, ExecutionException, InterruptedException {
    var tracer = Tracer.in(box).deferred().parse();
    var spill =
        threads.start(() -> {
          tracer.spill();
          return true;
        });
    tracer.capture();
    spill.get();
    var summary = tracer.summary();
    var lost =
        summary.lost().entrySet().stream()
            .filter(cause -> !cause.getKey().equals("notAnalysed"))
            .mapToLong(cause -> cause.getValue())
            .sum();
    return summary.received() - lost;
  }
}
