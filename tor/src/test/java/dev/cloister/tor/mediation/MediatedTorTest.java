package dev.cloister.tor.mediation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cloister.core.Denied;
import dev.cloister.core.policy.NetworkPolicy;
import dev.cloister.tor.control.EventKind;
import dev.cloister.tor.control.Setting;
import dev.cloister.tor.control.TorEvent;
import dev.cloister.tor.testing.PrivateTor;
import dev.cloister.tor.testing.PrivateTorNetwork;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Executors;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a function does with a real tor through its gate, and what is left of it. */
@Timeout(120)
final class MediatedTorTest {
  private static final Setting UNATTACHED = new Setting("__LeaveStreamsUnattached", "1");
  private static final Duration SOON = Duration.ofSeconds(20);

  @RegisterExtension static final PrivateTor TOR = PrivateTor.of(PrivateTorNetwork.shape());

  private static void assertRefused(Rule rule, ThrowingCallable act) {
    assertThatThrownBy(act)
        .isInstanceOfSatisfying(Denied.class, e -> assertThat(e.rule()).isEqualTo(rule.label()));
  }

  @Test
  void aFunctionKnowsItsCircuitByItsOwnNameAndNoOther(PrivateTorNetwork network)
      throws IOException {
    try (var tor = new FunctionsOnTor(network)) {
      var function = tor.function();
      assertThat(tor.circuit(function)).isEqualTo("1");
      assertThat(function.ask("GETINFO circuit-status"))
          .isEqualTo("250-circuit-status=1 BUILT " + tor.path() + " PURPOSE=CONTROLLER\n250 OK");
      assertThat(tor.control().circuits().list()).hasSizeGreaterThan(1);
      assertThat(function.ask("CLOSECIRCUIT 1")).endsWith("250 OK");
      function.await(line -> line.matches("650 CIRC 1 (CLOSED|FAILED) .*"));
      assertRefused(Rule.CIRCUIT, () -> function.ask("CLOSECIRCUIT 1"));
      assertThat(tor.circuit(function)).isEqualTo("2");
    }
  }

  @Test
  void aFunctionAttachesItsStreamToItsCircuit(PrivateTorNetwork network) throws Exception {
    try (var tor = new FunctionsOnTor(network);
        var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      var function = tor.function();
      var circuit = tor.circuit(function);
      tor.control().setConf(UNATTACHED);
      try {
        function.ask("SETEVENTS STREAM");
        var connected = executor.submit(() -> tor.connect(function));
        var stream =
            function.await(line -> line.matches("650 STREAM \\d+ NEW 0 .*")).split(" ", -1)[2];
        assertThat(function.ask("ATTACHSTREAM " + stream + " " + circuit)).endsWith("250 OK");
        function.await(
            line -> line.startsWith("650 STREAM %s SUCCEEDED %s ".formatted(stream, circuit)));
        connected.get();
        assertThat(function.ask("GETINFO stream-status"))
            .contains("%s SUCCEEDED %s 127.0.0.1:%d".formatted(stream, circuit, tor.port()));
        assertThat(function.ask("CLOSESTREAM " + stream)).endsWith("250 OK");
        function.await(line -> line.startsWith("650 STREAM " + stream + " CLOSED "));
      } finally {
        tor.control().resetConf(Setting.byDefault(UNATTACHED.name()));
      }
    }
  }

  @Test
  void aFunctionFetchesWhatItServes(PrivateTorNetwork network) throws IOException {
    try (var tor = new FunctionsOnTor(network)) {
      var function = tor.function();
      function.ask("SETEVENTS HS_DESC HS_DESC_CONTENT");
      var onion = tor.onion(function);
      function.await(line -> line.startsWith("650 HS_DESC UPLOADED " + onion));
      assertThat(function.ask("GETINFO onions/current")).contains("250-onions/current=" + onion);
      var stranger = tor.function();
      stranger.ask("SETEVENTS HS_DESC_CONTENT");
      stranger.ask("HSFETCH " + onion);
      stranger.await(line -> line.startsWith("650+HS_DESC_CONTENT " + onion));
      function.ask("DEL_ONION " + onion);
      assertThat(tor.control().getInfo("onions/current")).doesNotContain(onion);
    }
  }

  @Test
  void nothingIsLeftInTorWhenAFunctionEnds(PrivateTorNetwork network) throws IOException {
    try (var tor = new FunctionsOnTor(network);
        var events = tor.control().events(EventKind.CIRC)) {
      var before = tor.control().onions().credentials();
      var function = tor.function();
      tor.circuit(function);
      var onion = tor.onion(function);
      function.ask("ONION_CLIENT_AUTH_ADD " + onion + " x25519:" + "A".repeat(43) + "=");
      var own =
          tor.control().circuits().list().stream()
              .filter(circuit -> circuit.detail("PURPOSE").filter("CONTROLLER"::equals).isPresent())
              .findFirst()
              .orElseThrow()
              .circuit();
      function.gate().close();
      for (var event = events.next(SOON); ; event = events.next(SOON)) {
        if (event.orElseThrow() instanceof TorEvent.Circuit circuit
            && circuit.circuit().equals(own)
            && circuit.status() == TorEvent.CircuitStatus.CLOSED) {
          break;
        }
      }
      assertThat(tor.control().getInfo("onions/current")).doesNotContain(onion);
      assertThat(tor.control().onions().credentials()).isEqualTo(before);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aVerbThatIsNotGrantedIsRefused(Verb verb, PrivateTorNetwork network) throws IOException {
    try (var tor = new FunctionsOnTor(network, _ -> TorGrant.of())) {
      var function = tor.function();
      assertRefused(Rule.VERB, () -> function.ask(verb + " 1"));
    }
  }

  private static String key(TorInfo info, String fingerprint, String nickname) {
    return switch (info) {
      case VERSION -> "version";
      case NETWORK_LIVENESS -> "network-liveness";
      case CIRCUIT_STATUS -> "circuit-status";
      case STREAM_STATUS -> "stream-status";
      case ONIONS -> "onions/current";
      case RELAY_STATUS -> "ns/id/" + fingerprint;
      case RELAY_STATUS_BY_NAME -> "ns/name/" + nickname;
      case MICRODESCRIPTOR -> "md/id/" + fingerprint;
      case DESCRIPTOR -> "desc/id/" + fingerprint;
    };
  }

  @ParameterizedTest
  @EnumSource
  void aKeyThatIsNotGrantedIsRefused(TorInfo info, PrivateTorNetwork network) throws IOException {
    try (var tor = new FunctionsOnTor(network, _ -> TorGrant.of(Verb.GETINFO))) {
      var function = tor.function();
      var fingerprint = tor.relays().getFirst();
      assertRefused(
          Rule.GETINFO,
          () -> function.ask("GETINFO " + key(info, fingerprint.toString(), "relay0")));
    }
  }

  @ParameterizedTest
  @EnumSource
  void aKeyThatIsGrantedIsAnswered(TorInfo info, PrivateTorNetwork network) throws IOException {
    try (var tor = new FunctionsOnTor(network, _ -> TorGrant.of(Verb.GETINFO).info(info))) {
      var function = tor.function();
      var key = key(info, tor.relays().getLast().toString(), "exit0");
      var answer = function.ask("GETINFO " + key);
      // A client has microdescriptors, and no descriptors.
      assertThat(answer)
          .matches(
              info == TorInfo.DESCRIPTOR
                  ? "552 .*"
                  : "(?s)250[-+]" + key.replace("$", "\\$") + "=.*250 OK");
    }
  }

  @Test
  void aServiceLeadsNowhereUnlessTheOperatorSaysWhere(PrivateTorNetwork network)
      throws IOException {
    try (var tor = new FunctionsOnTor(network, grant -> grant.onionTargets(NetworkPolicy.none()))) {
      var function = tor.function();
      assertRefused(Rule.TARGET, () -> tor.onion(function));
    }
  }

  @Test
  void circuitsAndServicesAreBounded(PrivateTorNetwork network) throws IOException {
    try (var tor = new FunctionsOnTor(network, grant -> grant.bounds(2, 1, 1000))) {
      var function = tor.function();
      var launch = "EXTENDCIRCUIT 0 " + tor.path();
      assertThat(function.ask(launch)).endsWith("EXTENDED 1");
      assertThat(function.ask(launch)).endsWith("EXTENDED 2");
      assertRefused(Rule.BOUND, () -> function.ask(launch));
      tor.onion(function);
      assertRefused(Rule.BOUND, () -> tor.onion(function));
      function.ask("SETEVENTS CIRC");
      function.ask("CLOSECIRCUIT 1");
      function.await(line -> line.matches("650 CIRC 1 (CLOSED|FAILED) .*"));
      assertThat(function.ask(launch)).endsWith("EXTENDED 3");
    }
  }

  @Test
  void aFloodIsRefusedAndCounted(PrivateTorNetwork network) throws IOException {
    try (var tor = new FunctionsOnTor(network, grant -> grant.bounds(1, 1, 1))) {
      var function = tor.function();
      for (var i = 0; i < TorGrant.LINES_AT_ONCE; i++) {
        function.ask("GETINFO version");
      }
      assertRefused(Rule.RATE, () -> function.ask("GETINFO version"));
      assertThat(tor.counted(MediationCounter.LET_THROUGH)).isEqualTo(TorGrant.LINES_AT_ONCE);
      assertThat(tor.counted(MediationCounter.REFUSED)).isEqualTo(1);
    }
  }

  @Test
  void whatASleepingFunctionDoesNotHearWaitsUpToABound(PrivateTorNetwork network)
      throws IOException {
    try (var tor = new FunctionsOnTor(network)) {
      var function = tor.function();
      function.ask("SETEVENTS CIRC");
      function.ask("EXTENDCIRCUIT 0 " + tor.path());
      try (var events = tor.control().events(EventKind.CIRC)) {
        for (var event = events.next(SOON); ; event = events.next(SOON)) {
          tor.mediator().tick();
          if (event.orElseThrow() instanceof TorEvent.Circuit circuit
              && circuit.status() == TorEvent.CircuitStatus.BUILT
              && circuit.detail("PURPOSE").filter("CONTROLLER"::equals).isPresent()) {
            break;
          }
        }
      }
      assertThat(function.events()).anyMatch(line -> line.startsWith("650 CIRC 1 BUILT "));
      assertThat(tor.counted(MediationCounter.EVENTS_SHOWN)).isPositive();
      assertThat(tor.counted(MediationCounter.EVENTS_MISSED)).isZero();
    }
  }
}
