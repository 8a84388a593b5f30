package dev.cloister.tor.onion;

import static dev.cloister.tor.onion.OnionWorld.PORT;
import static dev.cloister.tor.onion.OnionWorld.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cloister.tor.control.ControlRefused;
import dev.cloister.tor.socks.Isolation;
import dev.cloister.tor.socks.SocksCode;
import dev.cloister.tor.socks.SocksFailure;
import dev.cloister.tor.testing.PrivateTor;
import dev.cloister.tor.testing.PrivateTorNetwork;
import dev.cloister.tor.testing.TorRole;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Services and their clients over a real network, the third client of which is there to die. 5
 * services are reached one after the other unless {@code -Dcloister.services=N} says more.
 */
@Timeout(120)
final class OnionServiceTest {
  @RegisterExtension
  static final PrivateTor TOR = PrivateTor.of(PrivateTorNetwork.shape().clients(3)).forOneClass();

  private static final int SERVICES = Integer.getInteger("cloister.services", 5);
  private static final int AT_ONCE = 5;

  private OnionWorld world;

  @BeforeEach
  void open(PrivateTorNetwork network) throws IOException {
    world = new OnionWorld(network);
  }

  @AfterEach
  void close() throws IOException {
    world.close();
  }

  private void assertRefused(OnionService service, SocksCode code) {
    assertThatExceptionOfType(SocksFailure.class)
        .isThrownBy(() -> world.connect(service.address()))
        .satisfies(failure -> assertThat(failure.code()).isEqualTo(code));
  }

  /** Published is what clients find; that a circuit of theirs holds is tor's, and tried again. */
  @Test
  void noClientComesTooEarlyToAServiceThatIsPublished() throws IOException {
    var tooEarly = new ArrayList<String>();
    for (var done = 0; done < SERVICES; done += AT_ONCE) {
      var services = new ArrayList<OnionService>();
      for (var i = 0; i < AT_ONCE; i++) {
        services.add(world.begin(world.plan().discardKey()));
      }
      for (var service : services) {
        service.awaitPublished(SOON);
        try {
          world.connect(service.address());
        } catch (SocksFailure e) {
          if (e.code() == SocksCode.ONION_NOT_FOUND) {
            tooEarly.add(e.getMessage());
          }
          world.streams().open(service.address(), PORT, Isolation.none(), SOON).close();
        }
        service.close();
      }
    }
    assertThat(tooEarly).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aClientThatComesTooEarlyIsServedAsSoonAsTheServiceIs(boolean hears) throws IOException {
    var service = world.begin(world.plan().discardKey());
    var streams = hears ? world.streams().hearing(world.client()) : world.streams();
    assertRefused(service, SocksCode.ONION_NOT_FOUND);
    streams.open(service.address(), PORT, Isolation.none(), SOON).close();
  }

  @Test
  void onlyAClientWithTheRightKeyIsServed() throws IOException {
    try (var key = OnionClientKey.generate();
        var wrong = OnionClientKey.generate()) {
      var service = world.publish(world.plan().discardKey().client(key.publicKey()));
      assertRefused(service, SocksCode.ONION_MISSING_AUTHORIZATION);
      world.client().onions().authorize(service.address(), wrong.secret(), "");
      assertRefused(service, SocksCode.ONION_WRONG_AUTHORIZATION);
      world.client().onions().authorize(service.address(), key.secret(), "");
      world.connect(service.address());
      world.client().onions().forget(service.address());
      assertRefused(service, SocksCode.ONION_MISSING_AUTHORIZATION);
    }
  }

  @Test
  void aDetachedServiceOutlivesItsConnectionAndIsAdoptedAndRemoved() throws IOException {
    OnionService first;
    try (var control = world.newServiceControl()) {
      first = OnionService.publish(control, world.plan().detached().discardKey(), SOON);
      first.close();
    }
    var adopted = OnionService.adopt(world.service(), first.address());
    adopted.awaitPublished(SOON);
    world.connect(adopted.address());
    adopted.close();
    world.connect(adopted.address());
    adopted.remove();
    assertThatThrownBy(() -> OnionService.adopt(world.service(), first.address()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("serves no such detached service (it serves 0)");
  }

  @Test
  void aServiceThatIsNotDetachedEndsWithItsConnectionAndClosesQuietly() throws IOException {
    OnionService service;
    try (var control = world.newServiceControl()) {
      service = OnionService.begin(control, world.plan().discardKey());
      assertThat(control.getInfo("onions/current")).isNotEmpty();
    }
    service.close();
    service.close();
    assertThat(world.service().getInfo("onions/detached")).isEmpty();
    assertThatThrownBy(() -> service.awaitPublished(SOON)).hasMessageContaining("is closed");
  }

  @Test
  void theSameKeyGivesTheSameAddressToWhichClientsFindBack() throws IOException {
    var service = world.publish(world.plan());
    try (var key = service.key().orElseThrow()) {
      world.connect(service.address());
      assertThatExceptionOfType(ControlRefused.class)
          .isThrownBy(() -> world.publish(world.plan().key(key)))
          .satisfies(refused -> assertThat(refused.status()).isEqualTo(550));
      service.close();
      var again = world.publish(world.plan().key(key));
      assertThat(again.address()).isEqualTo(service.address());
      assertThat(again.key()).isEmpty();
      world
          .streams()
          .hearing(world.client())
          .open(again.address(), PORT, Isolation.named("second", "x"), SOON)
          .close();
    }
  }

  @Test
  void whatThePlanSaysOfStreamsAndProofOfWorkReachesTor() throws IOException {
    var service = world.publish(world.plan().discardKey().streams(3, true).proofOfWork(50, 100));
    world.connect(service.address());
  }

  @Test
  void anInterruptEndsTheWaitAndNotTheService() throws IOException {
    var service = world.begin(world.plan().discardKey());
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> service.awaitPublished(SOON))
        .isInstanceOf(InterruptedIOException.class);
    assertThat(Thread.interrupted()).isTrue();
    service.awaitPublished(SOON);
    world.connect(service.address());
  }

  @Test
  void aTorThatIsKilledBeforeTheUploadIsToldWithTheService(PrivateTorNetwork network)
      throws IOException {
    var victim = network.nodes(TorRole.CLIENT).get(2);
    try (var control = victim.control()) {
      var service = OnionService.begin(control, world.plan().discardKey());
      ProcessHandle.of(victim.pid()).orElseThrow().destroyForcibly();
      assertThatThrownBy(() -> service.awaitPublished(SOON))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("onion service " + service.address().text())
          .hasMessageContaining("the control connection ended before it was published");
      service.close();
    }
  }
}
