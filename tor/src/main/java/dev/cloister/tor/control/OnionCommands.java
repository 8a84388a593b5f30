package dev.cloister.tor.control;

import dev.cloister.tor.Fingerprint;
import dev.cloister.tor.OnionAddress;
import dev.cloister.tor.OnionKey;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The commands about onion services. That a descriptor is uploaded, or fetched, the events tell:
 * the commands return before. Safe for use by many threads.
 */
public final class OnionCommands {
  private final TorControl control;

  OnionCommands(TorControl control) {
    this.control = control;
  }

  /**
   * A service that tor serves now.
   *
   * @param address what clients connect to
   * @param key the new key that tor made; empty when the caller brought one, or wanted none. The
   *     caller closes it
   */
  public record Added(OnionAddress address, Optional<OnionKey> key) {}

  /**
   * What tor knows of a client's right to read a service's descriptor.
   *
   * @param address the service
   * @param nickname as it was given; empty without one
   * @param isPermanent whether tor keeps it on disk
   */
  public record Credential(OnionAddress address, String nickname, boolean isPermanent) {}

  /**
   * Serves an onion service.
   *
   * @param service what it is to be
   * @return its address, and the key if it is new
   * @throws ControlRefused when tor serves that key already (550), or refuses a value (512, 513)
   * @throws IOException when there is no answer
   */
  public Added add(NewOnion service) throws IOException {
    OnionAddress address = null;
    var key = Optional.<OnionKey>empty();
    try {
      for (var line : control.ask(service.command()).lines()) {
        var words = Words.of(line.text());
        if (words.value("ServiceID").isPresent()) {
          address = OnionAddress.ofId(words.value("ServiceID").get());
        } else if (words.value("PrivateKey").isPresent()) {
          key = Optional.of(serviceKey(words.value("PrivateKey").get()));
        }
      }
    } catch (IllegalArgumentException _) {
      throw new ControlViolation("an answer to ADD_ONION with an address or a key that is none");
    }
    if (address == null) {
      throw new ControlViolation("an answer to ADD_ONION without an address");
    }
    return new Added(address, key);
  }

  private static OnionKey serviceKey(String text) {
    var prefix = OnionKey.Kind.SERVICE.torName() + ":";
    if (!text.startsWith(prefix)) {
      throw new IllegalArgumentException("key of another kind");
    }
    return OnionKey.parse(OnionKey.Kind.SERVICE, text.substring(prefix.length()));
  }

  /**
   * Stops serving an onion service.
   *
   * @param address one of this connection, or a detached one
   * @throws ControlRefused when tor does not serve it, or for another connection (552)
   * @throws IOException when there is no answer
   */
  public void delete(OnionAddress address) throws IOException {
    control.ask(Command.of("DEL_ONION").word(address.id()));
  }

  /**
   * Lets this tor, as a client, read a service's descriptor. What tor had for it before goes.
   *
   * @param address the service
   * @param key the client's; tor gets it, and the caller closes this copy
   * @param nickname for people; may be empty
   * @throws ControlRefused when tor refuses a value (512)
   * @throws IOException when there is no answer
   */
  public void authorize(OnionAddress address, OnionKey key, String nickname) throws IOException {
    if (key.kind() != OnionKey.Kind.CLIENT) {
      throw new IllegalArgumentException(key + ": must be a client's");
    }
    var command = Command.of("ONION_CLIENT_AUTH_ADD").word(address.id()).key(key);
    if (!nickname.isEmpty()) {
      command.value("ClientName", nickname);
    }
    control.ask(command);
  }

  /**
   * Forgets a client's key.
   *
   * @param address the service
   * @throws IOException when there is no answer
   */
  public void forget(OnionAddress address) throws IOException {
    control.ask(Command.of("ONION_CLIENT_AUTH_REMOVE").word(address.id()));
  }

  /**
   * Lists the services whose descriptors this tor has a key for.
   *
   * @return one for each; without the keys
   * @throws IOException when there is no answer
   */
  public List<Credential> credentials() throws IOException {
    var credentials = new ArrayList<Credential>();
    for (var line : control.ask(Command.of("ONION_CLIENT_AUTH_VIEW")).lines()) {
      var words = Words.of(line.text());
      if (words.plain(0).equals("CLIENT")) {
        credentials.add(
            new Credential(
                address(words.plain(1)),
                words.value("ClientName").orElse(""),
                words.value("Flags").orElse("").contains("Permanent")));
      }
    }
    return credentials;
  }

  private static OnionAddress address(String id) throws ControlViolation {
    try {
      return OnionAddress.ofId(id);
    } catch (IllegalArgumentException _) {
      throw new ControlViolation("an onion address that is none");
    }
  }

  /**
   * Fetches a service's descriptor; HS_DESC and HS_DESC_CONTENT tell what became of it.
   *
   * @param address the service
   * @param directories relays to ask; those that are responsible when there are none
   * @throws ControlRefused when tor does not know a relay (552)
   * @throws IOException when there is no answer
   */
  public void fetch(OnionAddress address, List<Fingerprint> directories) throws IOException {
    var command = Command.of("HSFETCH").word(address.id());
    directories.forEach(directory -> command.word("SERVER=" + directory));
    control.ask(command);
  }

  /**
   * Uploads a descriptor that was made elsewhere; HS_DESC tells what became of it.
   *
   * @param address the service that it is of
   * @param descriptor its text
   * @param directories relays to upload it to; those that are responsible when there are none
   * @throws ControlRefused when tor can't read it (554), or does not know a relay (552)
   * @throws IOException when there is no answer
   */
  public void post(OnionAddress address, String descriptor, List<Fingerprint> directories)
      throws IOException {
    var command = Command.withData("HSPOST");
    directories.forEach(directory -> command.word("SERVER=" + directory));
    control.ask(command.word("HSADDRESS=" + address.id()).data(descriptor));
  }
}
