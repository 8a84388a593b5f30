package dev.cloister.tracing.tracer;

import dev.cloister.core.context.SealedContext;
import dev.cloister.core.ledger.Counter;
import dev.cloister.tracing.capture.Veth;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** What each test on a live link has: a link of its own, threads, a directory. */
abstract class OnLiveLink {
  @TempDir Path directory;
  final Steps threads = new Steps();
  Veth veth;

  @BeforeEach
  void make() throws IOException {
    veth = Veth.make();
  }

  @AfterEach
  void endAll() throws IOException {
    threads.close();
    veth.close();
  }

  static long count(SealedContext box, Counter counter) {
    return box.ledger().tally(counter).get();
  }

  static void await(BooleanSupplier condition) throws InterruptedException {
    while (!condition.getAsBoolean()) {
      Thread.sleep(1);
    }
  }
}
