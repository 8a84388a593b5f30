package dev.cloister.sandbox.runtime;

import dev.cloister.core.Denied;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * All that a function can ask of its host; every call is judged by the cell's grant and metered by
 * its limits before it does anything. A runtime carries the calls across the boundary and judges
 * nothing itself.
 *
 * <p>A call without its grant throws {@link Denied}, whose rule is the grant's name, such as {@code
 * api.fetch}; a call beyond a limit throws one whose rule is the limit's, such as {@code
 * limits.bytesOut}, and the cell ends. Called by one thread of one function at a time. An
 * interrupted thread gets {@link InterruptedException} from the calls that wait.
 */
public interface CellApi {
  /** The most random bytes that one call gives. */
  int RANDOM_BYTES_MAX = 1 << 16;

  /** The longest name of an entry in the store, in characters (code points). */
  int NAME_CHARACTERS_MAX = 255;

  /**
   * Takes the next message from the client.
   *
   * @param timeout how long to wait for one
   * @return the message; empty when none came in time, or none will come any more
   * @throws InterruptedException when the cell is ending
   */
  Optional<byte[]> receive(Duration timeout) throws InterruptedException;

  /**
   * Takes the next message from the client, and lends the function meanwhile to whoever may bring
   * one.
   *
   * @param timeout how long to wait for one
   * @param turn takes a message that fits, at most once and before this returns; whoever takes it
   *     sees to it that {@link #send} finds room for one message without a wait
   * @return the message; empty when none came in time, none will come any more, or the turn was
   *     taken
   * @throws InterruptedException when the cell is ending, and the turn was not taken
   */
  default Optional<byte[]> receive(Duration timeout, Turn turn) throws InterruptedException {
    return receive(timeout);
  }

  /**
   * Tells whether a message waits.
   *
   * @return whether {@link #receive} would return one at once
   */
  boolean poll();

  /**
   * Sends a message to the client; waits while the client's buffer is full.
   *
   * @param message its bytes, which the callee may keep
   * @throws InterruptedException when the cell is ending
   */
  void send(byte[] message) throws InterruptedException;

  /**
   * Reads an entry of the cell's store. The uploaded data is the entry {@code data}.
   *
   * @param name the entry's name
   * @return its bytes; empty when there is no such entry
   * @throws IOException when the store failed
   */
  Optional<byte[]> get(String name) throws IOException;

  /**
   * Writes an entry of the cell's store, whole or not at all.
   *
   * @param name the entry's name, 1 to {@value #NAME_CHARACTERS_MAX} characters
   * @param value its bytes, from position to limit, which is the caller's again after this call
   * @throws IOException when the store failed
   */
  void put(String name, ByteBuffer value) throws IOException;

  /**
   * Writes an entry of the cell's store, whole or not at all.
   *
   * @param name the entry's name, 1 to {@value #NAME_CHARACTERS_MAX} characters
   * @param value its bytes
   * @throws IOException when the store failed
   */
  default void put(String name, byte[] value) throws IOException {
    put(name, ByteBuffer.wrap(value));
  }

  /**
   * Removes an entry of the cell's store.
   *
   * @param name the entry's name
   * @return whether there was one
   * @throws IOException when the store failed
   */
  boolean delete(String name) throws IOException;

  /**
   * Names the entries of the cell's store.
   *
   * @return their names, sorted
   * @throws IOException when the store failed
   */
  List<String> list() throws IOException;

  /**
   * Gives random bytes of the host's generator.
   *
   * @param bytes how many, at most {@value #RANDOM_BYTES_MAX}
   * @return that many
   */
  byte[] random(int bytes);

  /**
   * Gives the time of day.
   *
   * @return now, on the host's clock
   */
  Instant time();

  /**
   * Fetches a page; the host connects, by policy, and judges each resolved address and each
   * redirect.
   *
   * @param request what to fetch
   * @return the answer, whatever its status
   * @throws IOException when the server could not be reached or broke off
   */
  FetchResponse fetch(FetchRequest request) throws IOException;

  /**
   * Calls another function.
   *
   * @param grant what names and permits it
   * @param message what to say
   * @return what it answered
   * @throws IOException when it could not be reached
   */
  byte[] call(byte[] grant, byte[] message) throws IOException;

  /**
   * Speaks to the relay's Tor, as far as the host lets it.
   *
   * @param line one command of the control protocol; empty to hear events alone
   * @return the events that came meanwhile, then the reply; lines parted by a line feed
   * @throws IOException when the control port could not be reached
   */
  String tor(String line) throws IOException;

  /** Asserts that the function may end itself. */
  void exit();
}
