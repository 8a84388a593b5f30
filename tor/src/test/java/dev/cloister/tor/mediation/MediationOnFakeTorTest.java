package dev.cloister.tor.mediation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cloister.core.TimeSource;
import dev.cloister.core.ledger.Ledger;
import dev.cloister.core.policy.NetworkPolicy;
import dev.cloister.tor.Fingerprint;
import dev.cloister.tor.socks.Destination;
import dev.cloister.tor.socks.Isolation;
import dev.cloister.tor.testing.FakeTor;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A function's talk with a tor in memory. */
@Timeout(20)
final class MediationOnFakeTorTest {
  private static final Duration SOON = Duration.ofSeconds(10);

  @Test
  void aFunctionHasItsOwnCircuitStreamAndServiceAndLeavesNothing() throws IOException {
    try (var tor = FakeTor.at(TimeSource.system())) {
      try (var control = tor.control();
          var site = tor.listen("127.0.0.1", 8080)) {
        var targets = NetworkPolicy.parse("targets", List.of("accept 127.0.0.1:8080"));
        var mediator = TorMediator.of(control, TorGrant.all(targets));
        try (var function = FunctionsOnTor.open(mediator, Ledger.of(mediator.counters()))) {
          var talk = new Talk(function);
          var path =
              tor.relays().stream()
                  .limit(3)
                  .map(Fingerprint::toString)
                  .collect(Collectors.joining(","));
          talk.ask("SETEVENTS CIRC STREAM");
          assertThat(talk.ask("EXTENDCIRCUIT 0 " + path)).isEqualTo("250 EXTENDED 1");
          assertThat(talk.events())
              .anyMatch(line -> line.startsWith("650 CIRC 1 LAUNCHED"))
              .anyMatch(line -> line.startsWith("650 CIRC 1 BUILT " + path));
          var isolation = Isolation.named(function.streamsUser(), "x");
          tor.streams().open(site.destination(), isolation, SOON).close();
          assertThat(talk.events())
              .anyMatch(line -> line.startsWith("650 STREAM 1 SUCCEEDED 0 127.0.0.1:8080"));
          tor.streams().open(site.destination(), Isolation.none(), SOON).close();
          assertThat(talk.events()).isEmpty();
          var answer = talk.ask("ADD_ONION NEW:BEST Port=80,127.0.0.1:8080");
          var id = answer.replaceAll("(?s).*ServiceID=([a-z2-7]{56}).*", "$1");
          tor.streams().open(new Destination(id + ".onion", 80), isolation, SOON).close();
          assertThatThrownBy(() -> talk.ask("SIGNAL HALT")).hasMessageContaining("tor.verb");
        }
      }
      tor.checkNothingOpen();
    }
  }
}
