package dev.cloister.tracing.capture;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.ContextId;
import dev.cloister.core.Mode;
import dev.cloister.core.TimeSource;
import dev.cloister.core.gate.Declaration;
import dev.cloister.core.gate.EgressPass;
import dev.cloister.core.gate.Opening;
import dev.cloister.core.internal.os.OperatingSystem;
import dev.cloister.core.ledger.Ledger;
import java.io.DataOutputStream;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * A link of two ends in a network of its own, in which nobody speaks but the test. It is there
 * until it is closed.
 */
public final class Veth implements AutoCloseable {
  /** The end that is captured from. */
  public static final String NEAR = "near";

  /** The end that is sent on. */
  public static final String FAR = "far";

  /** Sends frames that come with their lengths before them. */
  private static final String SENDER =
      """
      import socket, struct, sys
      link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
      link.bind((sys.argv[1], 0))
      while size := sys.stdin.buffer.read(4):
          link.send(sys.stdin.buffer.read(struct.unpack('>I', size)[0]))
      """;

  private final String namespace =
      "cloister-" + Long.toHexString(new SecureRandom().nextLong() >>> 32);

  private Veth() {}

  /**
   * Makes one whose ends are up.
   *
   * @return a link that the caller closes
   * @throws IOException when it fails
   */
  public static Veth make() throws IOException {
    var veth = new Veth();
    run("ip", "netns", "add", veth.namespace);
    try {
      veth.ip(
          "link add %s mtu 65535 type veth peer name %s mtu 65535".formatted(NEAR, FAR).split(" "));
      // Or the kernel would look for neighbours.
      veth.inside("sh", "-c", "echo 1 | tee /proc/sys/net/ipv6/conf/*/disable_ipv6");
      veth.up(NEAR);
      veth.up(FAR);
      return veth;
    } catch (IOException | RuntimeException | Error e) {
      veth.close();
      throw e;
    }
  }

  /**
   * Sets an end up.
   *
   * @param device which
   * @throws IOException when it fails
   */
  public void up(String device) throws IOException {
    ip("link", "set", device, "up");
  }

  /**
   * Sets an end down.
   *
   * @param device which
   * @throws IOException when it fails
   */
  public void down(String device) throws IOException {
    ip("link", "set", device, "down");
  }

  /**
   * Takes both ends away.
   *
   * @throws IOException when it fails
   */
  public void remove() throws IOException {
    ip("link", "del", NEAR);
  }

  /**
   * Runs ip(8) on the namespace.
   *
   * @param arguments what to do
   * @throws IOException when it fails
   */
  public void ip(String... arguments) throws IOException {
    var command = new ArrayList<>(List.of("ip", "-n", namespace));
    command.addAll(List.of(arguments));
    run(command.toArray(String[]::new));
  }

  /**
   * Returns what runs a program in the namespace.
   *
   * @param command the program and its arguments
   * @return not started yet
   */
  public ProcessBuilder command(String... command) {
    var all = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
    all.addAll(List.of(command));
    return new ProcessBuilder(all);
  }

  /**
   * Runs a program in the namespace to its end.
   *
   * @param command the program and its arguments
   * @return what it said
   * @throws IOException when it fails
   */
  public String inside(String... command) throws IOException {
    return output(command(command));
  }

  private static void run(String... command) throws IOException {
    output(new ProcessBuilder(command));
  }

  private static String output(ProcessBuilder builder) throws IOException {
    var process = builder.redirectErrorStream(true).start();
    process.getOutputStream().close();
    return said(process, builder);
  }

  private static String said(Process process, ProcessBuilder builder) throws IOException {
    var output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.onExit().join().exitValue())
        .as("%s: %s", builder.command(), output)
        .isZero();
    return output;
  }

  /**
   * Sends frames, one after the other, and returns when all have been sent.
   *
   * @param device on which end
   * @param frames what
   * @throws IOException when it fails
   */
  public void send(String device, List<byte[]> frames) throws IOException {
    var builder = command("/usr/bin/python3", "-c", SENDER, device).redirectErrorStream(true);
    var process = builder.start();
    try (var out = new DataOutputStream(process.getOutputStream())) {
      for (var frame : frames) {
        out.writeInt(frame.length);
        out.write(frame);
      }
    }
    said(process, builder);
  }

  /**
   * Opens a link as a seal does, in the namespace.
   *
   * @param link which
   * @param ledger where it counts
   * @return the source
   * @throws IOException when it fails
   */
  public PacketSource open(Declaration<PacketSource> link, Ledger ledger) throws IOException {
    var opening =
        new Opening(
            Mode.SEALED,
            TimeSource.system(),
            ledger,
            () -> {
              throw new IllegalStateException("a link needs no key");
            },
            new EgressPass(ContextId.random(new SecureRandom())));
    return inside(() -> link.open(opening));
  }

  /**
   * Does something on a thread that is in the namespace.
   *
   * @param work what
   * @param <T> what comes of it
   * @return that
   * @throws IOException when it fails
   */
  public <T> T inside(Callable<T> work) throws IOException {
    return onAThread(() -> {
      OperatingSystem.current().confining().enterNetwork("/run/netns/" + namespace);
      return work.call();
    });
  }

  /** Does something on a thread that is lost to everything else. */
  static <T> T onAThread(Callable<T> work) throws IOException {
    var task = new FutureTask<>(work);
    Thread.ofPlatform().start(task);
    try {
      return task.get();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case IOException io -> throw io;
        case RuntimeException failure -> throw failure;
        case null, default -> throw new IllegalStateException(e);
      }
    }
  }

  @Override
  public void close() throws IOException {
    run("ip", "netns", "del", namespace);
  }
}
