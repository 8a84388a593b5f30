package dev.cloister.core.process;

import dev.cloister.core.internal.os.OperatingSystem;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/** What code tries that found its way into a sealed process; a word and the answer for each. */
final class InsideAttack {
  private static final int AF_INET = 2;
  private static final int AF_NETLINK = 16;
  private static final int AF_PACKET = 17;
  private static final int AF_VSOCK = 40;
  private static final int SOCK_STREAM = 1;
  private static final int SOCK_RAW = 3;
  private static final int NETLINK_NETFILTER = 12;
  private static final int PTRACE_ATTACH = 16;

  private InsideAttack() {}

  /** Something that must fail. */
  private interface Act {
    void run() throws IOException;
  }

  static void tryAll() {
    var system = OperatingSystem.current().hardening();
    say("raw-socket", system.attempt("socket", AF_INET, SOCK_RAW, 1));
    say("packet-socket", system.attempt("socket", AF_PACKET, SOCK_RAW, 0x300));
    say("nft-rule", system.attempt("socket", AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER));
    say("vsock", system.attempt("socket", AF_VSOCK, SOCK_STREAM, 0));
    say("mount", system.attempt("mount"));
    say("new-namespace", system.attempt("unshare", 0x10000000));
    say("root-again", system.attempt("setuid", 0));
    say("dumpable-again", system.attempt("prctl", 4, 1));
    say("signal-to-another", system.attempt("kill", 1, 0));
    say("debug-another", system.attempt("ptrace", PTRACE_ATTACH, 1));
    say("another-filter", system.attempt("seccomp", 1));
    say("higher-limit", system.attempt("prlimit64", 0, 4, 1));
    say("tcp-listener", answer(() -> ServerSocketChannel.open().bind(new InetSocketAddress(0))));
    say(
        "unix-listener",
        answer(() ->
            ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                .bind(UnixDomainSocketAddress.of("socket"))));
    say("udp-socket", answer(() -> DatagramChannel.open(StandardProtocolFamily.INET)));
    say("program", answer(() -> new ProcessBuilder("/bin/true").start()));
    say("file-of-all", answer(() -> Files.readAllBytes(Path.of("/etc/group"))));
    say("file-of-root", answer(() -> Files.readAllBytes(Path.of("/etc/shadow"))));
    say("new-file", answer(() -> Files.writeString(Path.of("/var/tmp/cloister-left"), "left")));
    say("list", answer(InsideAttack::list));
  }

  private static void list() throws IOException {
    try (var entries = Files.newDirectoryStream(Path.of("/tmp"))) {
      IO.println("listed, not empty: " + entries.iterator().hasNext());
    }
  }

  private static void say(String act, String answer) {
    IO.println("inside " + act + " " + answer);
  }

  private static String answer(Act act) {
    try {
      act.run();
      return "allowed";
    } catch (IOException | LinkageError _) {
      // The latter: the runtime's own sockets cannot even be set up.
      return "refused";
    }
  }
}
