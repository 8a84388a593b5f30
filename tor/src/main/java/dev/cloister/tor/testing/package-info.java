/**
 * For tests of what uses Tor: a tor in memory, a real network on loopback, and the contracts that
 * both pass.
 *
 * <p>{@link dev.cloister.tor.testing.FakeTor} is for most tests: in milliseconds, on any system, on
 * a clock that the test moves. It speaks the control protocol's bytes, and one thread can play both
 * ends:
 *
 * {@snippet :
 * try (FakeTor tor = FakeTor.at(time);
 *     TorControl control = tor.control();
 *     FakeServer site = tor.listen("127.0.0.1", 8080)) {
 *   var target = new InetSocketAddress(InetAddress.getLoopbackAddress(), 8080);
 *   var onion = control.onions().add(NewOnion.serving(80, target).discardKey()).address();
 *   try (TorStream near = tor.streams().open(new Destination(onion.text(), 80), isolation, SOON);
 *       TorStream far = site.accept(SOON)) {
 *     near.write(request);
 *     far.read(received);
 *   }
 *   control.onions().delete(onion);
 *   control.close();
 *   tor.checkNothingOpen();
 * }
 * }
 *
 * <p>{@link dev.cloister.tor.testing.PrivateTorNetwork} is for those where tor itself matters:
 * unmodified tors that vote, relay and let streams out, ready in about ten seconds. It needs Linux
 * and Debian's package {@code tor}, and no JUnit; {@link dev.cloister.tor.testing.PrivateTor}
 * shares one network among all classes of a run:
 *
 * {@snippet :
 * final class FetchTest {
 *   @RegisterExtension
 *   static final PrivateTor TOR = PrivateTor.of(PrivateTorNetwork.shape());
 *
 *   @Test
 *   void aPageComesThroughThreeHops(PrivateTorNetwork network) throws IOException {
 *     var streams = SocksClient.through(network.client().socksAddress(), TimeSource.system());
 *     try (var stream = streams.open(server, isolation, Duration.ofSeconds(30))) {
 *       stream.write(request);
 *     }
 *   }
 * }
 * }
 *
 * <p>{@link dev.cloister.tor.testing.TorControlContract} and {@link
 * dev.cloister.tor.testing.TorStreamsContract} are abstract classes of JUnit, which they and the
 * extension alone need. Depends on the module's words, control port and streams, core, and Guava's
 * encodings.
 */
package dev.cloister.tor.testing;
