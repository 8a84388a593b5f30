package dev.cloister.benchmarks;

import dev.cloister.sandbox.host.Attachment;
import dev.cloister.sandbox.host.CellHost;
import dev.cloister.sandbox.host.CellHostPlan;
import dev.cloister.sandbox.host.Shown;
import dev.cloister.sandbox.host.StartedCell;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/**
 * How much goes through a cell beside a bare pipe to the same interpreter, in turn: calls that are
 * answered one after the other, and a stream out of the function.
 */
final class Talk {
  private static final int MESSAGE_BYTES = 1024;
  private static final int BLOCK_BYTES = 1 << 16;
  private static final long STRETCH_NANOS = 1_000_000_000;
  private static final Duration LONG = Duration.ofSeconds(30);

  private static final String ECHO =
      """
      import cell
      while (message := cell.receive()) is not None:
          cell.send(message)
      """;
  private static final String BARE_ECHO =
      """
      import sys
      source, sink = sys.stdin.buffer, sys.stdout.buffer
      while head := source.read(4):
          sink.write(head + source.read(int.from_bytes(head, "big")))
          sink.flush()
      """;
  private static final String STREAM =
      """
      import cell
      block = b"x" * (1 << 16)
      while True:
          cell.send(block)
      """;
  private static final String BARE_STREAM =
      """
      import posix
      block = b"x" * (1 << 16)
      while True:
          posix.write(1, block)
      """;

  private final CellHost host;
  private final int rounds;

  Talk(CellHost host, int rounds) {
    this.host = host;
    this.rounds = rounds;
  }

  /** One stretch of talk: how much was said. */
  @FunctionalInterface
  private interface Stretch {
    long run() throws IOException, InterruptedException;
  }

  private StartedCell cell(String source) throws IOException {
    var code = CellGround.code(source);
    var cell = host.start(CellGround.manifest(code, CellGround.limits()));
    host.load(Shown.now(cell.grant().invocation()), code, new byte[0]);
    return cell;
  }

  Row calls(String tier) throws IOException, InterruptedException {
    var cell = cell(ECHO);
    var bare = new BareProgram(BareProgram.python(BARE_ECHO)).start();
    try (var to = new DataOutputStream(bare.getOutputStream());
        var from = new DataInputStream(bare.getInputStream())) {
      var counts = inTurn(() -> calls(cell), () -> calls(to, from));
      return Row.rate(
          tier + ": calls a second, 1 KiB echoed", "", counts[0], "bare pipe", counts[1]);
    } finally {
      end(cell, bare);
    }
  }

  private long calls(StartedCell cell) throws IOException {
    var message = new byte[MESSAGE_BYTES];
    var began = System.nanoTime();
    var calls = 0L;
    while (System.nanoTime() - began < STRETCH_NANOS) {
      host.call(Shown.now(cell.grant().invocation()), message, LONG);
      calls++;
    }
    return calls;
  }

  private static long calls(DataOutputStream to, DataInputStream from) throws IOException {
    var framed = new byte[Integer.BYTES + MESSAGE_BYTES];
    framed[2] = (byte) (MESSAGE_BYTES >> Byte.SIZE);
    var began = System.nanoTime();
    var calls = 0L;
    while (System.nanoTime() - began < STRETCH_NANOS) {
      to.write(framed);
      to.flush();
      from.readFully(framed);
      calls++;
    }
    return calls;
  }

  Row stream(String tier) throws IOException, InterruptedException {
    var cell = cell(STREAM);
    var attachment = host.attach(Shown.now(cell.grant().invocation()), -1);
    var bare = new BareProgram(BareProgram.python(BARE_STREAM)).start();
    try (var from = new DataInputStream(bare.getInputStream())) {
      var bytes = inTurn(() -> bytes(attachment), () -> bytes(from));
      return Row.rate(
          tier + ": a stream out of it, in messages of 64 KiB",
          " MB/s",
          bytes[0] / 1e6,
          "bare pipe",
          bytes[1] / 1e6);
    } finally {
      end(cell, bare);
    }
  }

  private static long bytes(Attachment attachment) throws IOException, InterruptedException {
    var waiting = 2 * CellHostPlan.OUTBOX_BYTES_DEFAULT / BLOCK_BYTES;
    for (var i = 0; i < waiting; i++) {
      received(attachment); // What the host kept while nobody read.
    }
    var began = System.nanoTime();
    var bytes = 0L;
    while (System.nanoTime() - began < STRETCH_NANOS) {
      bytes += received(attachment);
    }
    return bytes;
  }

  private static long received(Attachment attachment) throws IOException, InterruptedException {
    var message = attachment.receive(LONG);
    if (message.isEmpty()) {
      throw new IOException("the stream ended: " + attachment.ending());
    }
    attachment.acknowledge(message.get().number());
    return message.get().bytes().length;
  }

  private static long bytes(DataInputStream from) throws IOException {
    var block = new byte[BLOCK_BYTES];
    var began = System.nanoTime();
    var bytes = 0L;
    while (System.nanoTime() - began < STRETCH_NANOS) {
      from.readFully(block);
      bytes += block.length;
    }
    return bytes;
  }

  /** Runs both in turn, once to warm up, and gives what each did a second. */
  private double[] inTurn(Stretch one, Stretch other) throws IOException, InterruptedException {
    one.run();
    other.run();
    var said = new double[2];
    for (var i = 0; i < rounds; i++) {
      said[0] += one.run();
      said[1] += other.run();
    }
    var seconds = rounds * STRETCH_NANOS / 1e9;
    return new double[] {said[0] / seconds, said[1] / seconds};
  }

  private void end(StartedCell cell, Process bare) throws IOException, InterruptedException {
    bare.destroyForcibly().waitFor();
    host.shutdown(Shown.now(cell.grant().shutdown()));
  }

  static List<Row> measure(CellHost host, String tier, int rounds)
      throws IOException, InterruptedException {
    var talk = new Talk(host, rounds);
    return List.of(talk.calls(tier), talk.stream(tier));
  }
}
