package dev.cloister.tracing.tracer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.context.SealedContext;
import dev.cloister.tracing.flow.ReassemblyLimits;
import dev.cloister.tracing.testing.MemorySource;
import dev.cloister.tracing.tracer.Words.Hook;
import dev.cloister.tracing.tracer.Words.Moment;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A parser may be lost at the end of its connection, which a packet of another brings about. */
@Timeout(60)
final class LostAtAnEndTest {
  @TempDir private Path directory;
  private final Steps threads = new Steps();

  @AfterEach
  void endTheThreads() {
    threads.close();
  }

  private SealedContext seal(List<byte[]> frames) throws IOException {
    return Lab.plan(MemorySource.of(frames), Lab.roomy(directory)).seal();
  }

  private static Tracer.Setup setup(SealedContext box) {
    return Tracer.in(box).deferred().parserBudget(Trap.BUDGET).limits(tight());
  }

  /** What ends a connection on a packet of another. */
  enum Ending {
    SILENCE {
      @Override
      void after(Talk victim, List<byte[]> frames) {
        // A millisecond a frame.
        var other = Talk.from(4000, frames);
        for (var i = 0; i < 600; i++) {
          other.say("tick" + i);
        }
      }
    },
    REUSE {
      @Override
      void after(Talk victim, List<byte[]> frames) {
        Talk.from(3000, 77, frames).say("another life");
      }
    },
    EVICTION {
      @Override
      void after(Talk victim, List<byte[]> frames) {
        for (var port = 4000; port < 4008; port++) {
          Talk.from(port, frames).say("of " + port);
        }
      }
    };

    abstract void after(Talk victim, List<byte[]> frames);
  }

  @ParameterizedTest
  @EnumSource(Ending.class)
  void oneThatIsLostAtAnEndCostsNoPacketOfWhoseIsNext(Ending ending) throws Exception {
    var frames = new ArrayList<byte[]>();
    var victim = Talk.from(3000, frames);
    victim.say("hello");
    ending.after(victim, frames);
    var expected = trace(frames, new Words((_, _, _) -> {}), 0);
    var trap = Trap.ignoringInterrupts();
    var lines = trace(frames, new Words(Hook.when(Moment.END, 0, trap)), trap);
    assertThat(lines).isEqualTo(expected);
  }

  private List<String> trace(List<byte[]> frames, Words parser, long without) throws IOException {
    try (var box = seal(frames)) {
      var tracer = setup(box).parse(parser);
      tracer.capture();
      tracer.analyse();
      assertThat(tracer.summary().tcpFlows()).isGreaterThan(1);
      return Lab.ofOthers(Lab.lines(box), without);
    }
  }

  private List<String> trace(List<byte[]> frames, Words parser, Trap trap) throws Exception {
    try (var box = seal(frames)) {
      var tracer = setup(box).spare(threads).parse(parser);
      trap.lose(box, tracer, threads);
      return Lab.ofOthers(Lab.lines(box), 0);
    }
  }

  /** Four connections, and a third of a second of silence. */
  private static ReassemblyLimits tight() {
    var usual = ReassemblyLimits.forTracing();
    return new ReassemblyLimits(
        4,
        usual.reorderBytes(),
        usual.reorderBytesTotal(),
        usual.historyBytes(),
        usual.historyBytesTotal(),
        usual.midstreamBytes(),
        usual.acknowledgedPackets(),
        Duration.ofMillis(333),
        usual.embryonic(),
        usual.linger(),
        usual.remembered());
  }
}
