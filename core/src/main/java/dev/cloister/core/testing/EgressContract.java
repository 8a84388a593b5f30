package dev.cloister.core.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cloister.core.Denied;
import dev.cloister.core.gate.Declaration;
import dev.cloister.core.gate.Egress;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * What every {@link Egress} does, the fake and the real one; extend it in a test of yours. The
 * egress is opened as a seal opens it, and what comes out is read at its far end.
 */
public abstract class EgressContract {
  private final LooseContext context = LooseContext.create();

  /** For subclasses. */
  protected EgressContract() {}

  /**
   * Declares the egress under test. Called once a test, before anything is read.
   *
   * @return an egress that is not open yet
   * @throws IOException when what it writes to cannot be made
   */
  protected abstract Declaration<? extends Egress> egress() throws IOException;

  /**
   * Reads all lines that have come out so far; waits for those that are on their way.
   *
   * @return lines, each with its line feed
   * @throws IOException when they cannot be read
   */
  protected abstract String linesSent() throws IOException;

  /**
   * Reads all heartbeats that have come out so far; waits for those that are on their way.
   *
   * @return lines, without their line feeds
   * @throws IOException when they cannot be read
   */
  protected abstract List<String> heartbeatsSent() throws IOException;

  @AfterEach
  final void destroyTheKeys() {
    context.close();
  }

  @Test
  final void whatIsPushedComesOutInOrder() throws IOException {
    try (var egress = context.open(egress())) {
      egress.push(context.release("first", "zweite Zeile, größer"));
      egress.push(context.release("third"));
      egress.beat(context.heartbeat());
      assertEquals("first\nzweite Zeile, größer\nthird\n", linesSent());
    }
  }

  @Test
  final void aHeartbeatComesOutWithEveryLineItBinds() throws IOException {
    try (var egress = context.open(egress())) {
      var sent = new ArrayList<String>();
      for (var line : List.of("one", "two", "three")) {
        egress.push(context.release(line));
        var heartbeat = context.heartbeat();
        egress.beat(heartbeat);
        sent.add(heartbeat.line());
        assertEquals(sent, heartbeatsSent());
        assertTrue(linesSent().endsWith(line + "\n"), "the heartbeat came out before its line");
      }
    }
  }

  @Test
  final void aHeartbeatNeedsNoLines() throws IOException {
    try (var egress = context.open(egress())) {
      var heartbeat = context.heartbeat();
      egress.beat(heartbeat);
      assertEquals(List.of(heartbeat.line()), heartbeatsSent());
      assertEquals("", linesSent());
    }
  }

  @Test
  final void whatIsLargerThanABufferComesOutWhole() throws IOException {
    var large = "x".repeat(3 << 20);
    try (var egress = context.open(egress())) {
      egress.push(context.release("before", large));
      egress.push(context.release("after"));
      egress.beat(context.heartbeat());
    }
    var sent = linesSent();
    assertEquals("before\n".length() + large.length() + "\nafter\n".length(), sent.length());
    assertTrue(sent.startsWith("before\nx") && sent.endsWith("x\nafter\n"), "lines are in order");
  }

  @Test
  final void whatAnotherContextReleasedIsDeniedAndNothingOfItComesOut() throws IOException {
    try (var another = LooseContext.create();
        var pretender = context.pretender();
        var egress = context.open(egress())) {
      egress.push(context.release("own"));
      var foreign = another.release("foreign");
      var pretended = pretender.release("of the same id");
      assertThrows(Denied.class, () -> egress.push(foreign));
      assertThrows(Denied.class, () -> egress.push(pretended));
      egress.push(context.release("own again"));
      egress.beat(context.heartbeat());
    }
    assertEquals("own\nown again\n", linesSent());
  }

  @Test
  final void whatIsInsideStillComesOutAfterStop() throws IOException {
    var egress = context.open(egress());
    egress.push(context.release("before"));
    egress.stop();
    egress.push(context.release("of a user who was inside"));
    var last = context.heartbeat();
    egress.beat(last);
    egress.close();
    assertEquals("before\nof a user who was inside\n", linesSent());
    assertEquals(List.of(last.line()), heartbeatsSent());
  }

  @Test
  final void closingTwiceIsClosingOnce() throws IOException {
    var egress = context.open(egress());
    egress.push(context.release("line"));
    var heartbeat = context.heartbeat();
    egress.beat(heartbeat);
    egress.close();
    egress.close();
    assertEquals("line\n", linesSent());
    assertEquals(List.of(heartbeat.line()), heartbeatsSent());
  }

  @Test
  final void itsDeclarationSaysTheSameEachTime() throws IOException {
    var declaration = egress();
    assertEquals(LooseContext.described(declaration), LooseContext.described(declaration));
    assertTrue(declaration.name().matches("[A-Za-z0-9-]+"), declaration.name());
  }
}
