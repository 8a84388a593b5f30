package dev.cloister.tor.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cloister.tor.Fingerprint;
import dev.cloister.tor.OnionAddress;
import dev.cloister.tor.OnionKey;
import dev.cloister.tor.control.CircuitId;
import dev.cloister.tor.control.Circuits.CloseReason;
import dev.cloister.tor.control.Circuits.Purpose;
import dev.cloister.tor.control.ControlEvents;
import dev.cloister.tor.control.ControlRefused;
import dev.cloister.tor.control.EventKind;
import dev.cloister.tor.control.NewOnion;
import dev.cloister.tor.control.OnionCommands.Added;
import dev.cloister.tor.control.Setting;
import dev.cloister.tor.control.StreamId;
import dev.cloister.tor.control.TorControl;
import dev.cloister.tor.control.TorEvent;
import dev.cloister.tor.control.TorEvent.CircuitStatus;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/**
 * What a control port does that can be relied on, be it of a real tor that has a network, or of
 * {@link FakeTor}; extend it in a test of yours, and say how one connects. Each test leaves the tor
 * as it was.
 */
public abstract class TorControlContract {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final InetSocketAddress TARGET =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 80);
  private static final Fingerprint NOBODY = new Fingerprint("0".repeat(40));

  /** An address whose secret key all know, from RFC 8032, section 7.1, and nobody serves. */
  static final OnionAddress STRANGER =
      OnionAddress.of(
          HexFormat.of()
              .parseHex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"));

  private TorControl control;

  /** For subclasses; a connection is made before each test. */
  @SuppressWarnings("NullAway") // JUnit calls connect() before anything else
  protected TorControlContract() {}

  /**
   * Connects.
   *
   * @return a new, authenticated connection, which the contract closes
   * @throws IOException when that fails
   */
  protected abstract TorControl open() throws IOException;

  /**
   * Asks on a connection of its own, which is authenticated.
   *
   * @param line a command without its line end
   * @return the answer's first line
   * @throws IOException when there is none
   */
  protected abstract String ask(String line) throws IOException;

  /**
   * Names relays that a circuit can be built along.
   *
   * @return three, the last of which is an exit
   */
  protected abstract List<Fingerprint> path();

  @BeforeEach
  final void connect() throws IOException {
    control = open();
  }

  @AfterEach
  final void disconnect() {
    control.close();
  }

  private static void refused(int status, Executable command) {
    assertEquals(status, assertThrows(ControlRefused.class, command).status());
  }

  @Test
  final void informationIsAnsweredByItsKey() throws IOException {
    var answers = control.getInfo(List.of("version", "network-liveness"));
    assertTrue(answers.getOrDefault("version", "").startsWith("0."));
    assertEquals("up", answers.get("network-liveness"));
  }

  @Test
  final void theRelaysOfThePathAreInTheConsensusAndNobodyElse() throws IOException {
    for (var relay : path()) {
      assertTrue(control.getInfo("ns/id/" + relay).contains(" Running "));
    }
    refused(552, () -> control.getInfo("ns/id/" + NOBODY));
  }

  @Test
  final void anUnknownKeyIsRefusedAndTheConnectionGoesOn() throws IOException {
    refused(552, () -> control.getInfo("no/such/key"));
    assertFalse(control.getInfo("version").isEmpty());
  }

  @Test
  final void anUnknownOptionIsRefused() {
    refused(552, () -> control.getConf("NoSuchOption"));
    refused(552, () -> control.setConf(new Setting("NoSuchOption", "1")));
    refused(552, () -> control.resetConf(Setting.byDefault("NoSuchOption")));
  }

  @Test
  final void aSettingReadsBackAsItWasSetAndGoesWithItsReset() throws IOException {
    var setting = new Setting("ContactInfo", "a \"quoted\" one, back\\slashed");
    control.setConf(setting);
    assertEquals(List.of(setting), control.getConf("contactinfo"));
    assertTrue(control.getInfo("config-text").contains("ContactInfo a \"quoted\" one"));
    control.resetConf(Setting.byDefault("ContactInfo"));
    assertEquals(List.of(Setting.byDefault("ContactInfo")), control.getConf("ContactInfo"));
  }

  @Test
  final void anOptionOfSeveralLinesKeepsTheirOrder() throws IOException {
    var lines =
        new Setting[] {
          new Setting("ExitPolicy", "accept *:80"), new Setting("ExitPolicy", "reject *:*")
        };
    control.setConf(lines);
    assertEquals(List.of(lines), control.getConf("ExitPolicy"));
    control.resetConf(Setting.byDefault("ExitPolicy"));
  }

  @Test
  final void aValueThatIsRefusedLeavesTheOthersUnchanged() throws IOException {
    refused(
        513,
        () ->
            control.setConf(
                new Setting("ContactInfo", "new"), new Setting("MaxCircuitDirtiness", "x")));
    assertEquals(List.of(Setting.byDefault("ContactInfo")), control.getConf("ContactInfo"));
  }

  @Test
  final void aCircuitAlongNamedRelaysIsBuiltHopByHopAndCloses() throws IOException {
    try (var events = control.events(EventKind.CIRC)) {
      var circuit = control.circuits().launch(Purpose.CONTROLLER, path());
      var seen = until(events, circuit, CircuitStatus.BUILT);
      assertEquals(CircuitStatus.LAUNCHED, seen.getFirst().status());
      assertEquals(path(), seen.getLast().path());
      assertEquals(Optional.of("CONTROLLER"), seen.getLast().detail("PURPOSE"));
      assertTrue(
          control.circuits().list().stream()
              .anyMatch(c -> c.circuit().equals(circuit) && c.path().equals(path())));
      control.circuits().close(circuit);
      assertEquals(
          Optional.of("REQUESTED"),
          until(events, circuit, CircuitStatus.CLOSED).getLast().detail("REASON"));
    }
  }

  /** Returns the events of a circuit up to one. */
  private static List<TorEvent.Circuit> until(
      ControlEvents events, CircuitId circuit, CircuitStatus last) throws IOException {
    var seen = new ArrayList<TorEvent.Circuit>();
    while (seen.isEmpty() || seen.getLast().status() != last) {
      if (events.next(SOON).orElseThrow() instanceof TorEvent.Circuit event
          && event.circuit().equals(circuit)) {
        seen.add(event);
      }
    }
    return seen;
  }

  @Test
  final void anUnknownRelayOrCircuitOrStreamIsRefused() {
    var circuits = control.circuits();
    var unknown = new CircuitId("999999");
    refused(552, () -> circuits.launch(Purpose.CONTROLLER, List.of(NOBODY)));
    refused(552, () -> circuits.extend(unknown, path()));
    refused(552, () -> circuits.close(unknown));
    refused(552, () -> circuits.attach(new StreamId("999999"), CircuitId.NONE));
    refused(552, () -> circuits.close(new StreamId("999999"), CloseReason.DONE));
  }

  @Test
  final void anEventComesToEverySubscriberAndToNobodyElse() throws IOException {
    try (var other = open();
        var here = control.events(EventKind.CIRC);
        var there = other.events(EventKind.CIRC);
        var elsewhere = other.events(EventKind.NETWORK_LIVENESS)) {
      var circuit = control.circuits().launch(Purpose.CONTROLLER, path());
      until(here, circuit, CircuitStatus.BUILT);
      until(there, circuit, CircuitStatus.BUILT);
      control.circuits().close(circuit);
      assertEquals(Optional.empty(), elsewhere.next(Duration.ZERO));
    }
  }

  private OnionKey someKey() throws IOException {
    var made = control.onions().add(NewOnion.serving(80, TARGET));
    control.onions().delete(made.address());
    return made.key().orElseThrow();
  }

  @Test
  final void aServiceUnderABroughtKeyHasItsAddressAndCollidesWithItself() throws IOException {
    var made = control.onions().add(NewOnion.serving(80, TARGET));
    try (var other = open();
        var key = made.key().orElseThrow()) {
      refused(550, () -> control.onions().add(NewOnion.serving(81, TARGET).key(key)));
      refused(550, () -> other.onions().add(NewOnion.serving(81, TARGET).key(key)));
      control.onions().delete(made.address());
      var again = other.onions().add(NewOnion.serving(80, TARGET).key(key));
      assertEquals(new Added(made.address(), Optional.empty()), again);
    }
  }

  @Test
  final void aServiceIsDeletedByItsOwnConnectionAlone() throws IOException {
    try (var other = open()) {
      var made = control.onions().add(NewOnion.serving(80, TARGET).discardKey());
      assertEquals(Optional.empty(), made.key());
      refused(552, () -> other.onions().delete(made.address()));
      refused(552, () -> control.onions().delete(STRANGER));
      control.onions().delete(made.address());
      refused(552, () -> control.onions().delete(made.address()));
    }
  }

  @Test
  final void aServiceEndsWithItsConnectionUnlessItIsDetached() throws IOException {
    try (var first = someKey();
        var second = someKey()) {
      final Added detached;
      try (var other = open()) {
        other.onions().add(NewOnion.serving(80, TARGET).key(first));
        detached = other.onions().add(NewOnion.serving(80, TARGET).key(second).detached());
      }
      var again = addedOnceItIsFree(first);
      assertTrue(detached.address().text().startsWith(control.getInfo("onions/detached")));
      control.onions().delete(detached.address());
      control.onions().delete(again.address());
    }
  }

  /** Adds a service when the connection that had it before has been seen to end. */
  private Added addedOnceItIsFree(OnionKey key) throws IOException {
    var end = System.nanoTime() + SOON.toNanos();
    while (true) {
      try {
        return control.onions().add(NewOnion.serving(80, TARGET).key(key));
      } catch (ControlRefused e) {
        if (e.status() != 550 || System.nanoTime() > end) {
          throw e;
        }
      }
    }
  }

  @Test
  final void aDescriptorIsUploadedAndCanBeFetched() throws IOException {
    try (var events = control.events(EventKind.HS_DESC, EventKind.HS_DESC_CONTENT)) {
      var made = control.onions().add(NewOnion.serving(80, TARGET).discardKey());
      var id = made.address().id();
      awaitUpload(events, id);
      control.onions().fetch(made.address(), List.of());
      while (true) {
        if (events.next(SOON).orElseThrow() instanceof TorEvent.OnionDescriptorContent content) {
          assertEquals(id, content.address());
          assertTrue(content.text().startsWith("hs-descriptor 3"), content.text());
          break;
        }
      }
      control.onions().delete(made.address());
    }
  }

  private static void awaitUpload(ControlEvents events, String id) throws IOException {
    while (true) {
      if (events.next(SOON).orElseThrow() instanceof TorEvent.OnionDescriptor descriptor
          && descriptor.action() == TorEvent.DescriptorAction.UPLOADED) {
        assertEquals(id, descriptor.address());
        return;
      }
    }
  }

  @Test
  final void aDescriptorThatNobodyUploadedIsNotFound() throws IOException {
    try (var events = control.events(EventKind.HS_DESC)) {
      control.onions().fetch(STRANGER, List.of());
      while (true) {
        if (events.next(SOON).orElseThrow() instanceof TorEvent.OnionDescriptor descriptor
            && descriptor.action() == TorEvent.DescriptorAction.FAILED) {
          assertEquals(Optional.of("NOT_FOUND"), descriptor.detail("REASON"));
          return;
        }
      }
    }
  }

  @Test
  final void aClientsKeyIsKeptReplacedAndForgotten() throws IOException {
    try (var key = OnionKey.of(OnionKey.Kind.CLIENT, STRANGER.publicKey())) {
      control.onions().authorize(STRANGER, key, "");
      control.onions().authorize(STRANGER, key, "bob");
      var credentials = control.onions().credentials();
      assertEquals(1, credentials.size());
      assertEquals(STRANGER, credentials.getFirst().address());
      control.onions().forget(STRANGER);
      control.onions().forget(STRANGER);
      assertEquals(List.of(), control.onions().credentials());
    }
  }

  @Test
  final void aWrongLineIsAnsweredInTorsWords() throws IOException {
    var wrong = new ArrayList<String>();
    for (var row : WrongLines.ROWS.lines().toList()) {
      var parts = row.split(" => ", 2);
      var answer = ask(parts[0]);
      if (!answer.equals(parts[1])) {
        wrong.add(parts[0] + " => " + answer + ", not " + parts[1]);
      }
    }
    assertEquals("", String.join("\n", wrong));
  }
}
