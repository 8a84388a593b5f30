package dev.cloister.tor.testing;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.cloister.tor.Fingerprint;
import dev.cloister.tor.control.TorControl;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The contract of control ports, on a real client of a real network. */
@Timeout(120)
final class PrivateTorControlTest extends TorControlContract {
  @RegisterExtension static final PrivateTor TOR = PrivateTor.of(PrivateTorNetwork.shape());

  private final PrivateTorNetwork network;

  PrivateTorControlTest(PrivateTorNetwork network) {
    this.network = network;
  }

  @Override
  protected TorControl open() throws IOException {
    return network.client().control();
  }

  @Override
  protected String ask(String line) throws IOException {
    var client = network.client();
    var cookie = HexFormat.of().formatHex(Files.readAllBytes(client.cookie()));
    var address = client.controlAddress();
    try (var socket = new Socket(address.getAddress(), address.getPort());
        var answers =
            new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII))) {
      var commands = "AUTHENTICATE " + cookie + "\r\n" + line + "\r\n";
      socket.getOutputStream().write(commands.getBytes(US_ASCII));
      answers.readLine();
      return Objects.requireNonNull(answers.readLine());
    }
  }

  @Override
  protected List<Fingerprint> path() {
    var path = new ArrayList<Fingerprint>();
    network.nodes(TorRole.RELAY).forEach(node -> path.add(node.fingerprint()));
    path.add(network.nodes(TorRole.EXIT).getFirst().fingerprint());
    return path;
  }
}
