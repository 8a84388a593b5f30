package dev.cloister.tor.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.core.testing.RequiresProgram;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import net.freehaven.tor.control.TorControlConnection;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One tor, asked by us and by jtorctl. */
@RequiresProgram("tor")
@Timeout(60)
final class PeerTest {
  @TempDir private static Path directory;
  private static LoneTor tor;
  private static TorControl ours;
  private static Socket socket;
  private static TorControlConnection theirs;

  @BeforeAll
  static void start() throws IOException {
    tor = LoneTor.startIn(directory);
    ours = TorControl.connect(tor.tcp());
    var address = (InetSocketAddress) tor.tcp();
    socket = new Socket(address.getAddress(), address.getPort());
    theirs = new TorControlConnection(socket);
    theirs.launchThread(true);
    theirs.authenticate(Files.readAllBytes(tor.cookie()));
  }

  @AfterAll
  static void stop() throws IOException {
    socket.close();
    ours.close();
    tor.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "version",
        "config-file",
        "config-text",
        "config/names",
        "info/names",
        "events/names",
        "features/names",
        "signal/names",
        "process/pid",
        "process/user",
        "exit-policy/default",
        "exit-policy/reject-private/default",
        "net/listeners/control",
        "network-liveness",
        "circuit-status",
        "entry-guards",
        "onions/current",
      })
  void bothReadTheSameOfAKey(String key) throws IOException {
    // It ends each line of data with a line feed, the last too.
    assertThat(theirs.getInfo(key).strip()).isEqualTo(ours.getInfo(key).strip());
  }

  @Test
  void eachReadsWhatTheOtherSets() throws IOException {
    var settings = List.of("ContactInfo a b \"c\" \\d", "Nickname peer");
    theirs.setConf(settings);
    assertThat(ours.getConf("ContactInfo", "Nickname"))
        .containsExactly(
            new Setting("ContactInfo", "a b \"c\" \\d"), new Setting("Nickname", "peer"));
    ours.setConf(new Setting("Nickname", "other"));
    assertThat(theirs.getConf("Nickname"))
        .singleElement()
        .satisfies(entry -> assertThat(entry.value).isEqualTo("other"));
    ours.resetConf(Setting.byDefault("ContactInfo"), Setting.byDefault("Nickname"));
  }
}
