package dev.cloister.tor.control;

import java.io.IOException;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * An authenticated connection to tor's control port. Whoever holds it may do with that tor whatever
 * its port allows; strangers' functions get a mediated part of it. An answer is waited for as long
 * as the limits say, by whoever asks; there is no thread. Safe for use by many threads.
 *
 * <p>A negative answer is {@link ControlRefused}; a port that breaks the protocol is {@link
 * ControlViolation}, and ends the connection, as does one that closes it; a port that gives no
 * answer in time is {@link java.net.SocketTimeoutException}, and the connection goes on.
 *
 * <p>Source: Tor's control-spec, and tor 0.4.9.
 */
public final class TorControl implements AutoCloseable {
  private final Subscriptions subscriptions;
  private final Conversation conversation;
  private final ProtocolInfo protocol;
  private final Circuits circuits;
  private final OnionCommands onions;

  private TorControl(Subscriptions subscriptions, ProtocolInfo protocol) {
    this.subscriptions = subscriptions;
    this.conversation = subscriptions.conversation();
    this.protocol = protocol;
    this.circuits = new Circuits(this);
    this.onions = new OnionCommands(this);
  }

  /**
   * Connects with the default limits and the safe cookie.
   *
   * @param address a numeric one of TCP, or a unix socket's
   * @return a connection that the caller closes
   * @throws IOException when there is no tor, or it does not take us, or is not the one
   */
  public static TorControl connect(SocketAddress address) throws IOException {
    return connect(address, new Authentication.SafeCookie(), ControlLimits.DEFAULT);
  }

  /**
   * Connects.
   *
   * @param address a numeric one of TCP, or a unix socket's
   * @param authentication how to say who we are
   * @param limits what tor may take of us
   * @return a connection that the caller closes
   * @throws IOException when there is no tor, or it does not take us, or is not the one
   */
  public static TorControl connect(
      SocketAddress address, Authentication authentication, ControlLimits limits)
      throws IOException {
    return over(SocketLink.connect(address, limits.answerIn().toNanos()), authentication, limits);
  }

  /**
   * Takes a link that is connected already.
   *
   * @param link closed with the connection, or when this fails
   * @param authentication how to say who we are
   * @param limits what tor may take of us
   * @return a connection that the caller closes
   * @throws IOException when tor does not take us, or is not the one
   */
  public static TorControl over(
      ControlLink link, Authentication authentication, ControlLimits limits) throws IOException {
    var subscriptions = new Subscriptions(link, limits);
    var conversation = subscriptions.conversation();
    try {
      var protocol = ProtocolInfo.ask(conversation);
      new Handshake(conversation, protocol).authenticate(authentication);
      return new TorControl(subscriptions, protocol);
    } catch (IOException | RuntimeException e) {
      conversation.end(e instanceof IOException io ? io : new IOException(e));
      throw e;
    }
  }

  /** Returns a positive reply as it is, and throws what a negative one says. */
  static Reply positive(Command command, Reply reply) throws ControlRefused {
    if (!reply.isPositive()) {
      throw new ControlRefused(command.verb(), reply.status(), reply.lines().getLast().text());
    }
    return reply;
  }

  /** Asks, and takes a positive answer only. */
  Reply ask(Command command) throws IOException {
    return positive(command, conversation.ask(command));
  }

  /**
   * Returns what the port said of itself at first.
   *
   * @return methods of authentication, and tor's version
   */
  public ProtocolInfo protocol() {
    return protocol;
  }

  /**
   * Returns the commands about circuits and streams.
   *
   * @return on this connection
   */
  public Circuits circuits() {
    return circuits;
  }

  /**
   * Returns the commands about onion services.
   *
   * @return on this connection
   */
  public OnionCommands onions() {
    return onions;
  }

  /**
   * Asks for one piece of information.
   *
   * @param key such as {@code version} or {@code circuit-status}
   * @return the value; with line feeds between lines when there are several
   * @throws ControlRefused when tor does not know the key (552)
   * @throws IOException when there is no answer
   */
  public String getInfo(String key) throws IOException {
    return Objects.requireNonNull(getInfo(List.of(key)).get(key));
  }

  /**
   * Asks for several pieces of information at once.
   *
   * @param keys at least one
   * @return a value for each
   * @throws ControlRefused when tor does not know a key (552)
   * @throws IOException when there is no answer
   */
  public Map<String, String> getInfo(List<String> keys) throws IOException {
    var command = Command.of("GETINFO");
    keys.forEach(command::word);
    var answers = new LinkedHashMap<String, String>();
    for (var line : ask(command).lines()) {
      var equals = line.text().indexOf('=');
      if (equals > 0) {
        var inline = line.text().substring(equals + 1);
        answers.put(line.text().substring(0, equals), inline.isEmpty() ? data(line) : inline);
      }
    }
    if (!answers.keySet().containsAll(keys)) {
      throw new ControlViolation("an answer to GETINFO without the key that was asked for");
    }
    return answers;
  }

  private static String data(Reply.Line line) {
    var data = line.data();
    return data.endsWith("\n") ? data.substring(0, data.length() - 1) : data;
  }

  /**
   * Asks what options are set to.
   *
   * @param names of options, in any case
   * @return a setting for each line, in tor's order; one without a value where tor's default holds
   * @throws ControlRefused when tor does not know an option (552)
   * @throws IOException when there is no answer
   */
  public List<Setting> getConf(String... names) throws IOException {
    var command = Command.of("GETCONF");
    Arrays.stream(names).forEach(command::word);
    var settings = new ArrayList<Setting>();
    for (var line : ask(command).lines()) {
      var equals = line.text().indexOf('=');
      settings.add(
          equals < 0
              ? setting(line.text(), "")
              : setting(line.text().substring(0, equals), line.text().substring(equals + 1)));
    }
    return settings;
  }

  private static Setting setting(String name, String value) throws ControlViolation {
    try {
      return new Setting(name, Words.unquoted(value));
    } catch (IllegalArgumentException _) {
      throw new ControlViolation("an option's name that is none");
    }
  }

  /**
   * Sets options, all or none. What had several lines has those given here only.
   *
   * @param settings at least one
   * @throws ControlRefused when tor does not know an option, or refuses its value (513, 552, 553)
   * @throws IOException when there is no answer
   */
  public void setConf(Setting... settings) throws IOException {
    configure("SETCONF", settings);
  }

  /**
   * Sets options as {@link #setConf} does, and those without a value to tor's default rather than
   * to nothing.
   *
   * @param settings at least one
   * @throws ControlRefused when tor does not know an option, or refuses its value (513, 552, 553)
   * @throws IOException when there is no answer
   */
  public void resetConf(Setting... settings) throws IOException {
    configure("RESETCONF", settings);
  }

  private void configure(String verb, Setting... settings) throws IOException {
    var command = Command.of(verb);
    for (var setting : settings) {
      setting.writeTo(command);
    }
    ask(command);
  }

  /**
   * Subscribes to events, beside whoever else does on this connection.
   *
   * @param kinds which
   * @return what comes from now on; the caller closes it
   * @throws ControlRefused when tor does not know a kind (552)
   * @throws IOException when there is no answer
   */
  public ControlEvents events(EventKind... kinds) throws IOException {
    return subscriptions.add(Set.of(kinds));
  }

  /**
   * Counts events that could not be read, and were dropped.
   *
   * @return how many since the beginning
   */
  public long malformedEvents() {
    return subscriptions.malformed();
  }

  /**
   * Tells tor to do something at once.
   *
   * @param signal what
   * @throws IOException when there is no answer, as after {@link TorSignal#HALT}
   */
  public void signal(TorSignal signal) throws IOException {
    ask(Command.of("SIGNAL").word(signal.name()));
  }

  /**
   * Makes tor end when this connection does.
   *
   * @throws IOException when there is no answer
   */
  public void takeOwnership() throws IOException {
    ask(Command.of("TAKEOWNERSHIP"));
  }

  /**
   * Tells whether the connection is of no more use.
   *
   * @return whether it was closed, by tor or here
   */
  public boolean hasEnded() {
    return conversation.hasEnded();
  }

  /**
   * Closes the connection; who waits on it gets an {@link IOException}. Onion services that are not
   * detached end with it. A second call does nothing.
   */
  @Override
  public void close() {
    conversation.end(new IOException("the control connection was closed"));
  }
}
