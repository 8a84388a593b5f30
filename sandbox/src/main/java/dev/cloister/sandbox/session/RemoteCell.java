package dev.cloister.sandbox.session;

import dev.cloister.core.Denied;
import dev.cloister.core.token.InvocationToken;
import dev.cloister.core.token.Terms;
import dev.cloister.core.token.Token;
import dev.cloister.core.token.TokenRegistry;
import dev.cloister.sandbox.host.OutputMessage;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * A cell on another node, as whoever holds a right to it uses it. Leaving it loses nothing: what
 * its function sends waits at the node, to its bound, and reading goes on behind the last message
 * that was read here, byte for byte, also after an error on the way and from a {@link #grant()}
 * opened elsewhere.
 *
 * <p>What is sent goes over one channel, what is read over another, which are opened when they are
 * first needed and kept until {@link #detach()}; so one thread may send while another waits for a
 * message. Safe for use by many threads. Every method that asks the node throws {@link IOException}
 * when it was not reached, did not answer or breaks the protocol, {@link Denied} with its rule when
 * it refuses, and {@link dev.cloister.core.ContextDestroyed} when its host, or this, was closed.
 */
public final class RemoteCell implements AutoCloseable {
  /** The most bytes that code and data may have together. */
  public static final int LOAD_BYTES_MAX =
      LoadBuckets.LARGEST_BYTES - Token.BYTES - TokenRegistry.NONCE_BYTES - 2 * Integer.BYTES;

  /** The most messages that are asked for ahead at once: 16. */
  public static final int AHEAD_MOST = 16;

  private static final int LOAD_HEAD_BYTES = LoadBuckets.LARGEST_BYTES - LOAD_BYTES_MAX;

  private final CellClient client;
  private final RemoteGrant grant;
  private final Optional<RemoteIdentity> identity;
  private final Lane sending;
  private final Lane reading;
  private volatile long last;
  private volatile boolean atEnd;

  /** Takes over a grant. */
  RemoteCell(CellClient client, RemoteGrant grant, Optional<RemoteIdentity> identity) {
    this.client = client;
    this.grant = grant;
    this.identity = identity;
    this.sending = new Lane(client::begin, false);
    this.reading = new Lane(this::attached, true);
    this.last = grant.last();
  }

  /**
   * Returns who the cell is.
   *
   * @return as its node said when it was started; empty when it was opened by a grant
   */
  public Optional<RemoteIdentity> identity() {
    return identity;
  }

  private Talk attached() throws IOException {
    var talk = client.begin();
    try {
      talk.tell(Ask.ATTACH, new Body().shown(grant.invocation()).i64(last));
      return talk;
    } catch (IOException | RuntimeException e) {
      talk.close();
      throw e;
    }
  }

  /**
   * Loads the cell's function, once; the node runs it. Code and data go as one body of one of six
   * sizes, each four times the one before, from 16 KiB to 16 MiB.
   *
   * @param code its digest is the manifest's
   * @param data what the function finds in its store as {@code data}
   * @throws IOException as said above
   */
  public void load(byte[] code, byte[] data) throws IOException {
    var needed = (long) LOAD_HEAD_BYTES + code.length + data.length;
    if (needed > LoadBuckets.LARGEST_BYTES) {
      throw new IllegalArgumentException(
          "code of %d bytes and data of %d: allowed are %d together; send the rest as messages"
              .formatted(code.length, data.length, LOAD_BYTES_MAX));
    }
    try (var talk = client.begin()) {
      talk.tell(Ask.LOAD, padded(code, data, LoadBuckets.fitting(needed)));
    }
  }

  private Body padded(byte[] code, byte[] data, int bucket) {
    return new Body(bucket)
        .shown(grant.invocation())
        .u32(code.length)
        .u32(data.length)
        .bytes(code)
        .bytes(data)
        .paddedTo(bucket);
  }

  /**
   * Sends the function a message, and waits for its answer: the first message that it sends after
   * having received this one. Calls go one after the other.
   *
   * @param message its bytes
   * @param deadline how long to wait for the function; the node may allow less
   * @return what it answered
   * @throws IOException as said above, and when the function is behind, silent or over
   */
  public byte[] call(byte[] message, Duration deadline) throws IOException {
    return sending.take(talk -> call(talk, grant.invocation(), message, deadline));
  }

  static byte[] call(Talk talk, InvocationToken token, byte[] message, Duration deadline)
      throws IOException {
    return talk.ask(
        Ask.CALL,
        new Body(LOAD_HEAD_BYTES + message.length)
            .shown(token)
            .u32(Greeting.millis(deadline))
            .bytes(message),
        talk.shorter(deadline),
        reply -> reply.some().rest());
  }

  /**
   * Sends the function a message.
   *
   * @param message its bytes
   * @throws IOException as said above, and when the function is behind or over
   */
  public void send(byte[] message) throws IOException {
    say(
        Ask.SEND,
        () -> new Body(LOAD_HEAD_BYTES + message.length).shown(grant.invocation()).bytes(message));
  }

  /**
   * Tells the function that no further message will come.
   *
   * @throws IOException as said above
   */
  public void endInput() throws IOException {
    say(Ask.END_INPUT, () -> new Body().shown(grant.invocation()));
  }

  /**
   * Waits for the next message of the function, and says with the next call that this one was read:
   * the node may forget it then.
   *
   * @param timeout how long to wait
   * @return the message; empty when none came in time, or none will come: {@link #isAtEnd()}
   * @throws IOException as said above; no message is lost by it
   */
  public Optional<OutputMessage> receive(Duration timeout) throws IOException {
    return reading.take(talk -> received(talk, timeout));
  }

  /**
   * Asks for further messages, and does not wait: the {@link #receive} that takes one has no way
   * there to wait for. Each that was asked for ahead and not received is still unread at the node,
   * whose bound on unread output must hold them all; and what else is asked on this channel, {@link
   * #poll} and {@link #status}, begins a new one.
   *
   * @param messages how many, 1 to {@value #AHEAD_MOST}
   * @param wait how long the node waits for each, after those before it; it may allow less
   * @throws IOException as said above
   */
  public void askAhead(int messages, Duration wait) throws IOException {
    if (messages < 1 || messages > AHEAD_MOST) {
      throw new IllegalArgumentException(
          "%d messages: allowed are 1 to %d".formatted(messages, AHEAD_MOST));
    }
    var _ =
        reading.take(talk -> {
          var allowed = talk.shorter(wait);
          var bodies = Stream.generate(() -> receiving(allowed)).limit(messages).toList();
          talk.askAhead(Ask.RECEIVE, bodies, allowed);
          return talk;
        });
  }

  private Optional<OutputMessage> received(Talk talk, Duration timeout) throws IOException {
    var until = client.in(timeout);
    while (talk.isAhead()) {
      var answer = talk.answerAhead(client.until(until), this::message);
      if (answer.isEmpty()) {
        return Optional.empty();
      }
      if (answer.get().isPresent() || atEnd) {
        return answer.get();
      }
    }
    for (var left = client.until(until); ; left = client.until(until)) {
      var wait = talk.shorter(left);
      var message = talk.ask(Ask.RECEIVE, receiving(wait), wait, this::message);
      if (message.isPresent() || atEnd || wait.compareTo(left) >= 0) {
        return message;
      }
    }
  }

  private Body receiving(Duration wait) {
    return new Body().u32(Greeting.millis(wait)).i64(last);
  }

  private Optional<OutputMessage> message(Talk.Reply reply) throws Broken {
    if (reply.isNone()) {
      atEnd = reply.none().truth();
      reply.none().end();
      return Optional.empty();
    }
    var in = reply.some();
    var number = in.i64(last + 1);
    last = number;
    return Optional.of(OutputMessage.received(number, in.rest()));
  }

  /**
   * Tells whether a message waits at the node.
   *
   * @return whether {@link #receive} would return one at once
   * @throws IOException as said above
   */
  public boolean poll() throws IOException {
    return reading.takeSettled(talk ->
        talk.ask(
            Ask.POLL,
            new Body(),
            Duration.ZERO,
            reply -> {
              var in = reply.some();
              var waits = in.truth();
              atEnd = in.truth();
              in.end();
              return waits;
            }));
  }

  /**
   * Tells whether the node said, when it was asked last, that the function has said all it will and
   * all of it was read here.
   *
   * @return whether no further message will come
   */
  public boolean isAtEnd() {
    return atEnd;
  }

  /**
   * Asks how the function is.
   *
   * @return how it ended, if it did, and what it used
   * @throws IOException as said above
   */
  public CellStatus status() throws IOException {
    return reading.takeSettled(talk ->
        talk.ask(Ask.STATUS, new Body(), Duration.ZERO, reply -> CellStatus.read(reply.some())));
  }

  /**
   * Has a narrower right made, to hand on.
   *
   * @param terms what it is good for, at most
   * @return a grant from which nothing was read, without the right to end the cell
   * @throws IOException as said above
   */
  public RemoteGrant delegate(Terms terms) throws IOException {
    var rights = 0;
    for (var bit = 0; bit < Answering.RIGHTS.length; bit++) {
      rights |= terms.rights().contains(Answering.RIGHTS[bit]) ? 1 << bit : 0;
    }
    var body =
        new Body()
            .shown(grant.invocation())
            .i64(terms.uses())
            .i64(Math.max(1, terms.lifetime().toMillis()))
            .u8(rights);
    try (var talk = client.begin()) {
      return talk.ask(
          Ask.DELEGATE,
          body,
          Duration.ZERO,
          reply -> {
            var in = reply.some();
            var token = InvocationToken.of(in.bytes(Token.BYTES));
            in.end();
            in.wipe();
            return RemoteGrant.of(client.node(), token, Optional.empty(), RemoteGrant.NOTHING_READ);
          });
    }
  }

  /**
   * Returns all that is needed to go on elsewhere or later where this is now.
   *
   * @return a grant with this cell's rights and the last message that was read here, which the
   *     caller closes
   */
  public RemoteGrant grant() {
    return grant.at(last);
  }

  /**
   * Ends the cell, with all that it holds: output that nobody read is gone too.
   *
   * @throws Denied as said above, and when this cell was opened without that right
   * @throws IOException as said above, and when something of the cell could not be removed
   */
  public void shutdown() throws IOException {
    var token =
        grant
            .shutdown()
            .orElseThrow(
                () -> new Denied("shutdown", "this grant has no such right: its giver kept it"));
    try (var talk = client.begin()) {
      talk.tell(Ask.SHUT_DOWN, new Body().shown(token));
    }
    detach();
  }

  /**
   * Closes the channels, also from under one who waits. The function runs on; the next use opens
   * them again, and reading goes on where it was.
   */
  public void detach() {
    sending.leave();
    reading.leave();
  }

  /** Detaches, and zeroes this copy of the tokens. The function runs on. */
  @Override
  public void close() {
    detach();
    grant.close();
  }

  /**
   * Says where, and nothing of the tokens.
   *
   * @return such as {@code RemoteCell[node.onion:443]}
   */
  @Override
  public String toString() {
    return "RemoteCell[" + client.node() + "]";
  }

  private void say(Ask ask, Supplier<Body> body) throws IOException {
    var _ =
        sending.take(talk -> {
          talk.tell(ask, body.get());
          return talk;
        });
  }
}
