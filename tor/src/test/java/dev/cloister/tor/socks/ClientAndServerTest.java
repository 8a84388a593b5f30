package dev.cloister.tor.socks;

import static dev.cloister.tor.socks.SocksWorld.AMPLE;
import static dev.cloister.tor.socks.SocksWorld.SOMEWHERE;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Future;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Our client through our server, over both kinds of sockets. */
final class ClientAndServerTest {

  enum Over {
    TCP,
    UNIX;

    SocksWorld world(LocalServer to, UnaryOperator<SocksServerPlan> also) throws IOException {
      return this == TCP ? SocksWorld.tcp(to, also) : SocksWorld.unix(to, also);
    }
  }

  private final LocalServer echo = SocksWorld.echo();

  @AfterEach
  void close() throws IOException {
    echo.close();
  }

  private static byte[] random(int length, long seed) {
    var bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  /** Writes in the executor what is read back here, to its end. */
  private static void roundTrip(SocksWorld world, byte[] bytes) throws Exception {
    try (var stream = world.open(SOMEWHERE)) {
      Future<?> writer =
          world.executor.submit(() -> {
            stream.write(ByteBuffer.wrap(bytes));
            stream.shutdownOutput();
            return 0;
          });
      assertThat(SocksWorld.readAll(stream)).isEqualTo(bytes);
      writer.get();
    }
  }

  @ParameterizedTest
  @EnumSource
  void everyByteArrivesInOrderBothWaysAndIsCounted(Over over) throws Exception {
    var bytes = random(10_000_019, 5);
    try (var world = over.world(echo, plan -> plan)) {
      roundTrip(world, bytes);
      assertThat(world.causes()).isEqualTo(Map.of(SocksCounter.COMPLETED, 1L));
      assertThat(world.count(SocksCounter.BYTES_OUT)).isEqualTo(bytes.length);
      assertThat(world.count(SocksCounter.BYTES_IN)).isEqualTo(bytes.length);
    }
  }

  @ParameterizedTest
  @EnumSource
  void manyStreamsAtOnceDoNotMix(Over over) throws Exception {
    try (var world = over.world(echo, plan -> plan)) {
      var trips = new ArrayList<Future<?>>();
      for (var i = 0; i < 100; i++) {
        var bytes = random(50_000, i);
        trips.add(
            world.executor.submit(() -> {
              roundTrip(world, bytes);
              return 0;
            }));
      }
      for (var trip : trips) {
        trip.get();
      }
      assertThat(world.causes()).isEqualTo(Map.of(SocksCounter.COMPLETED, 100L));
    }
  }

  /** The destination answers only after it has heard the end of the question. */
  @ParameterizedTest
  @EnumSource
  void theEndOfOneDirectionIsCarriedOverAndTheOtherGoesOn(Over over) throws Exception {
    try (var counting =
            LocalServer.tcp(channel -> {
              var buffer = ByteBuffer.allocate(1000);
              while (channel.read(buffer) >= 0) {
                assertThat(buffer.hasRemaining()).isTrue();
              }
              var heard = new String(buffer.array(), 0, buffer.position(), US_ASCII);
              channel.write(ByteBuffer.wrap((heard + " heard").getBytes(US_ASCII)));
            });
        var world = over.world(counting, plan -> plan);
        var stream = world.open(SOMEWHERE)) {
      stream.write(ByteBuffer.wrap("all".getBytes(US_ASCII)));
      stream.shutdownOutput();
      assertThat(SocksWorld.readAll(stream)).asString(US_ASCII).isEqualTo("all heard");
    }
  }

  @ParameterizedTest
  @EnumSource
  void aLoginAndTheServersOwnIsolationAreTwoThings(Over over) throws Exception {
    var own = Isolation.named("function", "7");
    try (var world = over.world(echo, plan -> plan.login("alice", "pw").isolation(own))) {
      world.client().open(SOMEWHERE, Isolation.named("alice", "pw"), AMPLE).close();
      assertThat(world.isolations).containsExactly(own);
      for (var wrong : new Isolation[] {Isolation.none(), Isolation.named("alice", "pW")}) {
        assertThatIOException().isThrownBy(() -> world.client().open(SOMEWHERE, wrong, AMPLE));
      }
      assertThat(world.opened).hasSize(1);
      world.await(SocksCounter.NO_LOGIN, 2);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"a.example", "10.1.2.3", "2001:db8::1"})
  void theDestinationIsTheSameOnBothSidesAndRefusedByThePolicyAlike(String host) throws Exception {
    try (var world = Over.UNIX.world(echo, plan -> plan)) {
      world.open(new Destination(host, 80)).close();
      assertThat(world.opened).containsExactly(new Destination(host, 80));
      assertThatExceptionOfType(SocksFailure.class)
          .isThrownBy(() -> world.open(new Destination(host, 25)))
          .satisfies(failure -> assertThat(failure.code()).isEqualTo(SocksCode.NOT_ALLOWED));
      assertThat(world.opened).hasSize(1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void namesAreNotLookedUpForClients(Over over) throws Exception {
    try (var world = over.world(echo, plan -> plan)) {
      assertThatExceptionOfType(SocksFailure.class)
          .isThrownBy(() -> world.client().resolve("a.example", Isolation.none(), AMPLE))
          .satisfies(
              failure -> assertThat(failure.code()).isEqualTo(SocksCode.COMMAND_UNSUPPORTED));
    }
  }
}
