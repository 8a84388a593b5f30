package dev.cloister.tracing.flow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cloister.tracing.capture.Frame;
import dev.cloister.tracing.packet.Packet;
import dev.cloister.tracing.packet.PacketDecoder;
import dev.cloister.tracing.testing.Endpoint;
import dev.cloister.tracing.testing.Packets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A table finds what a map finds, also when hashes collide; and nobody knows which will. */
final class ConnectionTableTest {
  private static final int SEED = 42;

  /** How many of the lowest bits of a hash are the place in a table of the smallest size. */
  private static final int PLACE_MASK = 1023;

  private final Frame frame = new Frame();

  /** Two ends, and the frame that goes from the first to the second. */
  private record Ends(String from, int fromPort, String to, int toPort) {
    byte[] frame() {
      return Packets.tcp(
          Endpoint.of(from, fromPort), Endpoint.of(to, toPort), 1, 0, Packets.SYN, new byte[0]);
    }

    Ends turned() {
      return new Ends(to, toPort, from, fromPort);
    }

    static Ends random(Random random) {
      var version6 = random.nextBoolean();
      return new Ends(
          address(version6, random),
          random.nextInt(3),
          address(version6, random),
          random.nextInt(3));
    }

    private static String address(boolean version6, Random random) {
      return (version6 ? "2001:db8::" : "10.0.0.") + random.nextInt(6);
    }

    static Ends numbered(int number) {
      return new Ends("10.0.0.1", number & 0xffff, "10.1.0." + (number >> 16), 80);
    }
  }

  private void packet(Ends ends, Consumer<Packet> use) {
    var bytes = ends.frame();
    new PacketDecoder(use::accept).decode(frame.set(bytes, 0, bytes.length, bytes.length, 1, 0));
  }

  private @Nullable Connection find(ConnectionTable table, Ends ends) {
    var found = new ArrayList<@Nullable Connection>();
    packet(ends, packet -> found.add(table.find(packet)));
    return found.getFirst();
  }

  private Connection add(ConnectionTable table, Ends ends, long number) {
    assertThat(find(table, ends)).isNull();
    return table.add(number, table.isSourceLow());
  }

  @Test
  void bothDirectionsFindTheSameConnection() {
    var table = new ConnectionTable(SEED);
    var ends = new Ends("10.0.0.1", 1000, "10.0.0.2", 80);
    var connection = add(table, ends, 7);
    assertThat(find(table, ends)).isSameAs(connection);
    assertThat(connection.direction(table.isSourceLow())).isEqualTo(Direction.CLIENT_TO_SERVER);
    assertThat(find(table, ends.turned())).isSameAs(connection);
    assertThat(connection.direction(table.isSourceLow())).isEqualTo(Direction.SERVER_TO_CLIENT);
  }

  @Test
  void endsThatDifferInOneThingAreOthers() {
    var table = new ConnectionTable(SEED);
    var ends = new Ends("10.0.0.1", 1000, "10.0.0.2", 80);
    add(table, ends, 0);
    for (var other :
        List.of(
            new Ends("10.0.0.3", 1000, "10.0.0.2", 80),
            new Ends("10.0.0.1", 1001, "10.0.0.2", 80),
            new Ends("10.0.0.1", 1000, "10.0.0.3", 80),
            new Ends("10.0.0.1", 1000, "10.0.0.2", 81),
            new Ends("10.0.0.1", 80, "10.0.0.2", 1000),
            new Ends("10.0.0.2", 1000, "10.0.0.1", 80),
            new Ends("::a00:1", 1000, "::a00:2", 80))) {
      assertThat(find(table, other)).as("%s", other).isNull();
    }
  }

  @Test
  void aHostMayTalkToItself() {
    var table = new ConnectionTable(SEED);
    var ends = new Ends("127.0.0.1", 1000, "127.0.0.1", 80);
    var connection = add(table, ends, 0);
    assertThat(find(table, ends.turned())).isSameAs(connection);
    var samePort = new Ends("127.0.0.1", 80, "127.0.0.1", 80);
    assertThat(find(table, samePort)).isNull();
  }

  @Test
  void aTableFindsWhatAMapFinds() {
    for (var seed = 0; seed < 40; seed++) {
      compareWithMap(new Random(seed), "seed " + seed);
    }
  }

  private void compareWithMap(Random random, String what) {
    var table = new ConnectionTable(random.nextLong());
    var model = new HashMap<Ends, Connection>();
    for (var i = 0; i < 4000; i++) {
      var ends = Ends.random(random);
      var known = model.containsKey(ends) ? ends : ends.turned();
      var expected = model.get(known);
      assertThat(find(table, random.nextBoolean() ? ends : ends.turned()))
          .as(what)
          .isSameAs(expected);
      if (expected == null) {
        model.put(ends, table.add(i, table.isSourceLow()));
      } else if (random.nextBoolean()) {
        table.remove(expected);
        model.remove(known);
      }
      assertThat(table.size()).as(what).isEqualTo(model.size());
    }
  }

  /** Finds ends whose hashes have one place in common, as somebody who knew the seed could. */
  private Map<Ends, Connection> colliding(int wanted) {
    var scratch = new ConnectionTable(SEED);
    var colliding = new HashMap<Ends, Connection>();
    for (var number = 0; colliding.size() < wanted; number++) {
      var ends = Ends.numbered(number);
      var connection = add(scratch, ends, number);
      scratch.remove(connection);
      if ((connection.hash & PLACE_MASK) == PLACE_MASK) {
        colliding.put(ends, connection);
      }
    }
    return colliding;
  }

  @Test
  void connectionsWhoseHashesCollideAreToldApart() {
    var table = new ConnectionTable(SEED);
    var model = new HashMap<Ends, Connection>();
    var random = new Random(SEED);
    for (var ends : colliding(300).keySet()) {
      model.put(ends, add(table, ends, model.size()));
    }
    var order = new ArrayList<>(model.keySet());
    Collections.shuffle(order, random);
    for (var ends : order) {
      table.remove(Objects.requireNonNull(model.remove(ends)));
      assertThat(find(table, ends)).isNull();
      if (random.nextInt(20) == 0) {
        model.forEach((known, connection) -> assertThat(find(table, known)).isSameAs(connection));
      }
    }
    assertThat(table.size()).isZero();
  }

  @Test
  void whatCollidesUnderOneSeedIsSpreadUnderAnother() {
    var places = new HashSet<Integer>();
    var other = new ConnectionTable(SEED + 1);
    for (var ends : colliding(300).keySet()) {
      places.add(add(other, ends, 0).hash & PLACE_MASK);
    }
    assertThat(places)
        .as("of 300 thrown into 1024, 260 are to be expected")
        .hasSizeGreaterThan(220);
  }

  @Test
  void eachTableHasASeedOfItsOwn() {
    var hashes = new HashSet<Integer>();
    for (var i = 0; i < 20; i++) {
      hashes.add(add(ConnectionTable.seededAtRandom(), Ends.numbered(1), 0).hash);
    }
    assertThat(hashes).hasSize(20);
  }

  @Test
  void neighboursAreSpread() {
    var places = new HashSet<Integer>();
    var table = new ConnectionTable(SEED);
    for (var number = 0; number < 100_000; number++) {
      places.add(add(table, Ends.numbered(number), number).hash & 0xffff);
    }
    assertThat(places).as("65536 places, 100000 thrown: 78 % taken").hasSizeGreaterThan(50_000);
    assertThat(table.size()).isEqualTo(100_000);
  }
}
