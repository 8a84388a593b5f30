package dev.cloister.tor.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cloister.tor.socks.Destination;
import dev.cloister.tor.socks.Isolation;
import dev.cloister.tor.socks.SocksCode;
import dev.cloister.tor.socks.SocksFailure;
import dev.cloister.tor.socks.TorStream;
import java.time.Duration;
import java.util.Optional;

/** One stream, from its request to its end. Guarded by the world's lock. */
final class FakeRequest {
  private final String id;
  private final Destination to;
  private final Isolation isolation;
  private final Duration timeout;
  private String status = "NEW";
  private Optional<FakeCircuit> circuit = Optional.empty();
  private Optional<FakeStream> stream = Optional.empty();
  private Optional<SocksCode> failure = Optional.empty();

  FakeRequest(String id, Destination to, Isolation isolation, Duration timeout) {
    this.id = id;
    this.to = to;
    this.isolation = isolation;
    this.timeout = timeout;
  }

  String id() {
    return id;
  }

  Destination to() {
    return to;
  }

  Isolation isolation() {
    return isolation;
  }

  Duration timeout() {
    return timeout;
  }

  boolean isAttached() {
    return circuit.isPresent();
  }

  boolean isOn(FakeCircuit some) {
    return circuit.filter(some::equals).isPresent();
  }

  FakeCircuit circuit() {
    return circuit.orElseThrow();
  }

  void attach(FakeCircuit to) {
    circuit = Optional.of(to);
  }

  void detach() {
    circuit = Optional.empty();
  }

  void become(String next) {
    status = next;
  }

  void succeed(FakeStream opened) {
    status = "SUCCEEDED";
    stream = Optional.of(opened);
  }

  void fail(SocksCode code) {
    failure = Optional.of(code);
  }

  boolean isDecided() {
    return stream.isPresent() || failure.isPresent();
  }

  TorStream opened() throws SocksFailure {
    if (failure.isPresent()) {
      throw new SocksFailure(failure.get(), to.toString());
    }
    return stream.orElseThrow();
  }

  void endStream() {
    stream.ifPresent(FakeStream::end);
  }

  boolean hasSucceeded() {
    return stream.isPresent();
  }

  boolean isOnion() {
    return to.host().endsWith(".onion");
  }

  /** Writes it as stream-status does. */
  String line() {
    return line(status);
  }

  /** Writes it as an event of some status does. */
  String line(String told) {
    return "%s %s %s %s".formatted(id, told, circuit.map(FakeCircuit::id).orElse("0"), to);
  }

  /** Writes what only the first event tells. */
  String origin() {
    return " SOURCE_ADDR=127.0.0.1:1 PURPOSE=USER";
  }

  /** Writes what every event tells of who asked. */
  String user() {
    var login =
        isolation.equals(Isolation.none())
            ? ""
            : " SOCKS_USERNAME=%s SOCKS_PASSWORD=%s"
                .formatted(quoted(isolation.user()), quoted(isolation.password()));
    return login + " CLIENT_PROTOCOL=SOCKS5";
  }

  private static String quoted(byte[] text) {
    var written = new String(text, UTF_8).replace("\\", "\\\\").replace("\"", "\\\"");
    return '"' + written.replace("\r", "\\r").replace("\n", "\\n") + '"';
  }
}
