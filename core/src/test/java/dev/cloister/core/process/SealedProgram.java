package dev.cloister.core.process;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cloister.core.SealRefused;
import dev.cloister.core.context.ContextPlan;
import dev.cloister.core.internal.os.OperatingSystem;
import dev.cloister.core.internal.os.RawCall;
import dev.cloister.core.posture.Guarantees;
import dev.cloister.core.posture.Posture.Finding;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** A process that seals itself; a program, since nothing takes a seal off again. */
final class SealedProgram {
  private static final int BEYOND_EVERY_TABLE = 600;

  /**
   * The kernel passes these two by every filter, and kills who does not make them from the probe
   * that root put into its code: uretprobe, uprobe.
   */
  private static final List<Integer> OF_PROBES = List.of(335, 336);

  private SealedProgram() {}

  /** Does what the first argument names, with files to be made in the second. */
  public static void main(String... arguments) throws Exception {
    var directory = Path.of(arguments[1]);
    var seal = ProcessSeal.forTracing().writing(directory);
    if (arguments[0].startsWith("confined")) {
      seal = confine(seal, arguments);
    }
    switch (arguments[0]) {
      case "live", "confined-live" -> {
        put(seal);
        LongLife.in(directory);
        print("again", seal.harden());
      }
      case "call" -> {
        put(seal);
        callEverything();
      }
      case "connect" -> {
        var port = Integer.parseInt(arguments[2]);
        put(seal.connectingTo(port));
        connect(port);
      }
      case "confined-connect" -> {
        put(seal);
        connect(Integer.parseInt(arguments[2]));
        IO.println("elsewhere " + connected(Integer.parseInt(arguments[3])));
      }
      case "open", "confined-open" -> {
        put(seal);
        open(Arrays.copyOfRange(arguments, 2, arguments.length));
      }
      case "confined-refused" -> IO.println("confined " + Arrays.toString(arguments));
      case "confined-inside" -> {
        put(seal);
        InsideAttack.tryAll();
      }
      case "confined-send" -> send(seal, directory);
      case "hold", "confined-hold" -> hold(seal);
      case "refused" -> refuse(ProcessSeal.forTracing().writing(Path.of(arguments[2])));
      default -> throw new IllegalArgumentException(arguments[0]);
    }
    IO.println("done");
  }

  private static void put(TracingSeal seal) {
    print("probe", seal.probe());
    print("sealed", seal.harden());
  }

  private static void print(String when, List<Finding> findings) {
    for (var finding : findings) {
      IO.println(
          String.join(
              " ", when, finding.guarantee().label(), finding.state().name(), finding.evidence()));
    }
  }

  /** Stands still, with something in memory to be found: first open, and sealed when it is told. */
  private static void hold(TracingSeal seal) throws IOException {
    var canary = "canary".getBytes(UTF_8);
    var plain = Arena.global().allocate(16);
    var secret = OperatingSystem.current().secretPages(16).memory();
    MemorySegment.copy(canary, 0, plain, ValueLayout.JAVA_BYTE, 0, canary.length);
    MemorySegment.copy(canary, 0, secret, ValueLayout.JAVA_BYTE, 0, canary.length);
    IO.println(
        "addresses "
            + ProcessHandle.current().pid()
            + " "
            + plain.address()
            + " "
            + secret.address());
    IO.readln();
    put(seal);
    IO.println("holding");
    IO.readln();
  }

  /** Has a capture socket, tries to send by it, and stands still. */
  private static void send(TracingSeal seal, Path directory) throws IOException {
    var attack = SendingAttack.onLoopback();
    IO.println("addresses " + ProcessHandle.current().pid());
    if (IO.readln().equals("seal")) {
      put(seal);
    }
    attack.tryAll(directory);
    IO.println("holding");
    IO.readln();
  }

  /** Every number twice: with nothing in each argument, and with all bits set. */
  private static void callEverything() {
    for (var number = 0; number < BEYOND_EVERY_TABLE; number++) {
      var name = OperatingSystem.current().hardening().calls().name(0xC000003E, number);
      if (Plainly.ALLOWED.contains(name) || OF_PROBES.contains(number)) {
        continue;
      }
      var full =
          List.of(
              RawCall.answer(number, -1, -1, -1, -1, -1, -1),
              RawCall.answer(number | 0x40000000, -1, -1, -1, -1, -1, -1));
      var empty = Plainly.WITH_RULES.contains(name) ? "EPERM" : RawCall.answer(number);
      IO.println("call " + name + " " + String.join(" ", full) + " " + empty);
    }
  }

  /** What the list says of each name. */
  private static final class Plainly {
    private static final List<String> LINES =
        CallList.forThisJava(java.util.Set.of()).orElseThrow().rules().lines();
    static final List<String> ALLOWED = LINES.stream().filter(line -> !line.contains(" ")).toList();
    static final List<String> WITH_RULES =
        LINES.stream()
            .filter(line -> line.contains("="))
            .map(line -> line.split(" ", -1)[0])
            .toList();
  }

  private static void connect(int port) throws IOException {
    IO.println("tcp " + connected(port));
    try (var _ = DatagramChannel.open(StandardProtocolFamily.INET)) {
      IO.println("udp opened");
    } catch (IOException e) {
      IO.println("udp " + e.getMessage());
    }
    try (var _ = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      IO.println("unix opened");
    } catch (IOException e) {
      IO.println("unix " + e.getMessage());
    }
    try (var server = ServerSocketChannel.open()) {
      server.bind(null);
      IO.println("listen opened");
    } catch (IOException e) {
      IO.println("listen " + e.getMessage());
    }
  }

  private static String connected(int port) throws IOException {
    var loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
    try (var channel = SocketChannel.open(StandardProtocolFamily.INET)) {
      return Boolean.toString(channel.connect(new InetSocketAddress(loopback, port)));
    } catch (IOException e) {
      return String.valueOf(e.getMessage());
    }
  }

  /** Relaunches, with a thread that was there before and a word of each life. */
  private static TracingSeal confine(TracingSeal seal, String... arguments) throws IOException {
    IO.println("life " + ProcessHandle.current().pid() + " " + String.join(" ", arguments));
    var more = arguments[0].equals("confined-connect") ? Integer.parseInt(arguments[2]) : 0;
    var declared = more == 0 ? seal : seal.connectingTo(more);
    declared.relaunchConfined();
    return declared;
  }

  /** Opens files from the thread of main and from another. */
  private static void open(String... files) throws InterruptedException {
    for (var file : files) {
      tryToRead("main", file);
      var other = Thread.ofPlatform().start(() -> tryToRead("other", file));
      other.join();
    }
  }

  private static void tryToRead(String who, String file) {
    try {
      IO.println("open " + who + " " + file + " " + Files.readAllBytes(Path.of(file)).length);
    } catch (IOException e) {
      IO.println("open " + who + " " + file + " " + e.getClass().getSimpleName());
    }
  }

  /** A plan whose seal cannot be put on. */
  private static void refuse(TracingSeal seal) throws IOException {
    try (var _ = ContextPlan.named("box", Guarantees.tracer()).harden(seal).seal()) {
      IO.println("sealed after all");
    } catch (SealRefused e) {
      e.lacks().forEach(lack -> IO.println("lack " + lack));
    }
    IO.println("dumpable " + OperatingSystem.current().dumpable());
    IO.println("uid " + OperatingSystem.current().hardening().user());
  }
}
