package dev.cloister.core.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.cloister.core.Description;
import dev.cloister.core.gate.Declaration;
import dev.cloister.core.gate.Egress;
import dev.cloister.core.gate.Opening;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The contract, and what the fake alone can do. */
final class MemoryEgressTest extends EgressContract {
  private final LooseContext context = LooseContext.create();
  private @Nullable MemoryEgress opened;

  /** Keeps what it opens, as whoever reads a far end must know where that is. */
  private final class Kept implements Declaration<Egress> {
    private final MemoryEgress.Declared declared = MemoryEgress.named("out");

    @Override
    public String name() {
      return declared.name();
    }

    @Override
    public void describe(Description into) {
      declared.describe(into);
    }

    @Override
    public Egress open(Opening opening) {
      var egress = declared.open(opening);
      opened = egress;
      return egress;
    }
  }

  private MemoryEgress opened() {
    if (opened == null) {
      throw new IllegalStateException("nothing was opened yet");
    }
    return opened;
  }

  @Override
  protected Declaration<Egress> egress() {
    return new Kept();
  }

  @Override
  protected String linesSent() {
    return opened().linesText();
  }

  @Override
  protected List<String> heartbeatsSent() {
    return opened().heartbeatsText().lines().toList();
  }

  @AfterEach
  void destroyTheKeysOfThisTest() {
    context.close();
  }

  @Test
  void thePushThatTheTestNamedFailsAndNothingOfItIsKept() throws IOException {
    var egress = context.open(MemoryEgress.named("out").failingAtPush(2));
    egress.push(context.release("one"));
    assertThatIOException()
        .isThrownBy(() -> egress.push(context.release("two")))
        .withMessage("egress \"out\" fails at push 2, as the test asked");
    egress.push(context.release("three"));
    assertThat(egress.lines()).containsExactly("one", "three");
  }

  @Test
  void theHeartbeatThatTheTestNamedFails() throws IOException {
    var egress = context.open(MemoryEgress.named("out").failingAtBeat(1));
    assertThatIOException().isThrownBy(() -> egress.beat(context.heartbeat()));
    var second = context.heartbeat();
    egress.beat(second);
    assertThat(egress.heartbeats()).containsExactly(second);
  }

  @Test
  void aClosedOneTakesNothingAndCanStillBeRead() throws IOException {
    var egress = context.open(MemoryEgress.named("out"));
    egress.push(context.release("one"));
    egress.close();
    assertThat(egress.isClosed()).isTrue();
    assertThatIOException()
        .isThrownBy(() -> egress.push(context.release("two")))
        .withMessage("egress \"out\" is closed");
    assertThatIOException().isThrownBy(() -> egress.beat(context.heartbeat()));
    assertThat(egress.linesText()).isEqualTo("one\n");
  }

  @Test
  void theFirstPushIsNumberOne() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MemoryEgress.named("out").failingAtPush(0))
        .withMessage("number 0: the first is 1");
  }
}
