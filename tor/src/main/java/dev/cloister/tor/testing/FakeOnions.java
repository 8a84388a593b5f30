package dev.cloister.tor.testing;

import com.google.common.hash.Hashing;
import com.google.common.io.BaseEncoding;
import dev.cloister.tor.OnionAddress;
import dev.cloister.tor.socks.Destination;
import dev.cloister.tor.socks.SocksCode;
import dev.cloister.tor.socks.SocksFailure;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Onion services, their descriptors and their clients' keys. Guarded by the world's lock. */
final class FakeOnions {
  private final FakeWorld world;
  private final List<FakeRelay> directories;
  private final Map<String, FakeService> services = new LinkedHashMap<>();

  /** When each descriptor that was not uploaded yet will be, on the monotonic clock. */
  private final Map<String, Long> uploads = new LinkedHashMap<>();

  private final FakeCredentials credentials = new FakeCredentials();
  private Duration uploadAfter = Duration.ZERO;

  FakeOnions(FakeWorld world, List<FakeRelay> directories) {
    this.world = world;
    this.directories = directories;
  }

  FakeCredentials credentials() {
    return credentials;
  }

  void uploadAfter(Duration delay) {
    uploadAfter = delay;
  }

  List<FakeService> all() {
    return List.copyOf(services.values());
  }

  /** Lists services of a connection, or detached ones, a line each. */
  String list(Optional<FakeSession> owner) {
    return String.join(
        "\n",
        services.values().stream()
            .filter(service -> service.owner().equals(owner))
            .map(FakeService::id)
            .toList());
  }

  String add(FakeSession session, FakeCommand command) throws FakeRefusal {
    var wanted = FakeOnionRequest.of(command);
    var id = wanted.address().id();
    if (services.containsKey(id)) {
      throw new FakeRefusal(550, "Onion address collision");
    }
    var owner = wanted.isDetached() ? Optional.<FakeSession>empty() : Optional.of(session);
    services.put(id, new FakeService(id, owner, wanted.ports(), wanted.clients()));
    world.tell("HS_DESC", "CREATED %s UNKNOWN UNKNOWN %s".formatted(id, descriptor(id)));
    uploads.put(id, world.clock().nanoTime() + uploadAfter.toNanos());
    directories.forEach(directory -> tell("UPLOAD", id, "UNKNOWN", directory, ""));
    tick();
    var lines = new ArrayList<String>();
    lines.add("ServiceID=" + id);
    wanted.shownKey().ifPresent(key -> lines.add("PrivateKey=ED25519-V3:" + key));
    wanted.clients().forEach(client -> lines.add("ClientAuthV3=" + client));
    return FakeReply.withOk(lines);
  }

  private void tell(String action, String id, String auth, FakeRelay directory, String detail) {
    world.tell(
        "HS_DESC",
        "%s %s %s %s %s%s".formatted(action, id, auth, directory, descriptor(id), detail));
  }

  private static String descriptor(String id) {
    return BaseEncoding.base64()
        .omitPadding()
        .encode(Hashing.sha256().hashString(id, StandardCharsets.US_ASCII).asBytes());
  }

  /** Uploads what is due; returns how long until the next. */
  long tick() {
    var now = world.clock().nanoTime();
    var next = Long.MAX_VALUE;
    for (var upload : List.copyOf(uploads.entrySet())) {
      var left = upload.getValue() - now;
      if (left > 0) {
        next = Math.min(next, left);
      } else {
        uploads.remove(upload.getKey());
        directories.forEach(directory ->
            world.tell("HS_DESC", "UPLOADED %s UNKNOWN %s".formatted(upload.getKey(), directory)));
      }
    }
    return next;
  }

  String delete(FakeSession session, FakeCommand command) throws FakeRefusal {
    var id = command.word(0).raw();
    if (address(id).isEmpty()) {
      throw new FakeRefusal(512, "Malformed Onion Service id");
    }
    var service = services.get(id);
    if (service == null || service.owner().filter(o -> o != session).isPresent()) {
      throw new FakeRefusal(552, "Unknown Onion Service id");
    }
    remove(service);
    return FakeReply.OK;
  }

  private void remove(FakeService service) {
    services.remove(service.id());
    uploads.remove(service.id());
  }

  /** Ends the services of a connection that has ended. */
  void endOf(FakeSession session) {
    all().stream().filter(s -> s.owner().filter(session::equals).isPresent()).forEach(this::remove);
  }

  static Optional<OnionAddress> address(String id) {
    try {
      return Optional.of(OnionAddress.ofId(id));
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  private boolean isUploaded(String id) {
    tick();
    return services.containsKey(id) && !uploads.containsKey(id);
  }

  String fetch(FakeCommand command) throws FakeRefusal {
    var id = command.word(0).raw();
    if (address(id).isEmpty()) {
      throw new FakeRefusal(513, "Invalid argument \"" + id + '"');
    }
    var directory = directories.getFirst();
    for (var word : command.options(1, List.of("SERVER"))) {
      var name = word.value().orElse("");
      directory =
          directories.stream()
              .filter(relay -> relay.isNamed(name))
              .findFirst()
              .orElseThrow(() -> new FakeRefusal(552, "Server \"" + name + "\" not found"));
    }
    fetch(id, directory);
    return FakeReply.OK;
  }

  private boolean fetch(String id, FakeRelay directory) {
    tell("REQUESTED", id, "NO_AUTH", directory, " HSDIR_INDEX=" + descriptor(id));
    var isThere = isUploaded(id);
    tell(
        isThere ? "RECEIVED" : "FAILED",
        id,
        "NO_AUTH",
        directory,
        isThere ? "" : " REASON=NOT_FOUND");
    world.tellData(
        "HS_DESC_CONTENT",
        "%s %s %s".formatted(id, descriptor(id), directory),
        isThere ? "hs-descriptor 3\ndescriptor-lifetime 180".replace("\n", "\r\n") : "");
    return isThere;
  }

  /** Finds a service as a client does, and checks that the client may use it. */
  void resolve(Destination to) throws SocksFailure {
    var id = to.host().replace(".onion", "");
    if (address(id).isEmpty()) {
      throw new SocksFailure(SocksCode.ONION_BAD_ADDRESS, to.toString());
    }
    if (!fetch(id, directories.getFirst())) {
      throw new SocksFailure(SocksCode.ONION_NOT_FOUND, to.toString());
    }
    var service = services.get(id);
    if (service != null && !service.clients().isEmpty()) {
      var own = credentials.publicKey(id);
      if (own.isEmpty()) {
        throw new SocksFailure(SocksCode.ONION_MISSING_AUTHORIZATION, to.toString());
      }
      if (!service.clients().contains(own.get())) {
        throw new SocksFailure(SocksCode.ONION_WRONG_AUTHORIZATION, to.toString());
      }
    }
  }

  /** Finds where a stream leads: through an onion service to its target. */
  Optional<Destination> target(Destination to) {
    if (!to.host().endsWith(".onion")) {
      return Optional.of(to);
    }
    return Optional.ofNullable(services.get(to.host().replace(".onion", "")))
        .flatMap(service -> Optional.ofNullable(service.ports().get(to.port())));
  }
}
