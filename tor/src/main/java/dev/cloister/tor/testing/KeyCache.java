package dev.cloister.tor.testing;

import dev.cloister.core.TimeSource;
import dev.cloister.core.internal.Deadline;
import dev.cloister.tor.internal.PrivateDirectory;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;

/**
 * Keys of nodes, made once and given to every later network, since making them takes longer than
 * anything else of a start. They protect nothing: whoever can read them could join a network of
 * tests on this machine. Several processes may use one directory: a node's keys appear there at
 * once and whole, by a rename, and never change.
 *
 * <p>An entry is named for its node and the year in which it was made, and certificates hold for
 * two years: so none is ever too old. Sources: tor-gencert(1), tor(1).
 */
final class KeyCache {
  /** How long it may take to make all keys of a network: two minutes; two seconds are usual. */
  static final Duration MADE_WITHIN = Duration.ofMinutes(2);

  private static final String KEYS = "keys";
  private static final String FINGERPRINT = "fingerprint";
  private static final String CERTIFICATE = "authority_certificate";
  private static final String IDENTITY = "authority_identity_key";
  private static final int MONTHS = 24;

  private final Path directory;
  private final TorPrograms programs;
  private final int year;

  /** One that is being made. */
  private record Making(String nickname, Path place) {}

  KeyCache(Path directory, TorPrograms programs, TimeSource time) throws IOException {
    this.directory = PrivateDirectory.take(directory);
    this.programs = programs;
    this.year = time.now().atOffset(ZoneOffset.UTC).getYear();
  }

  /** The directory that is used where none is named: one for each user. */
  static Path usual() {
    var user = System.getProperty("user.name").replaceAll("[^A-Za-z0-9._-]", "_");
    return Path.of(System.getProperty("java.io.tmpdir"), "cloister-tor-keys-" + user);
  }

  private Path entry(String nickname) {
    return directory.resolve(nickname + "-" + year);
  }

  /** Makes what is missing of the keys of these nodes, side by side. */
  void provide(List<NodePlan> nodes) throws IOException {
    var missing =
        nodes.stream()
            .filter(node -> node.role().relays() && Files.notExists(entry(node.nickname())))
            .toList();
    var making = new ArrayList<Making>();
    try {
      for (var node : missing) {
        var place = PrivateDirectory.createTemporary(directory);
        making.add(new Making(node.nickname(), place));
        PrivateDirectory.create(place.resolve(KEYS));
      }
      certify(missing, making);
      identify(making);
      for (var each : making) {
        publish(each);
      }
    } finally {
      for (var each : making) {
        if (Files.exists(each.place())) {
          PrivateDirectory.remove(each.place());
        }
      }
    }
  }

  /** Certificates name no address, or tor would believe that rather than its configuration. */
  private void certify(List<NodePlan> nodes, List<Making> making) throws IOException {
    try (var runs = new ProgramRuns()) {
      for (var i = 0; i < nodes.size(); i++) {
        if (nodes.get(i).role() == TorRole.AUTHORITY) {
          runs.start(
              making.get(i).place(),
              making.get(i).place().resolve(KEYS),
              "no secret\n",
              programs.gencert().toString(),
              "--create-identity-key",
              "-m",
              Integer.toString(MONTHS),
              "--passphrase-fd",
              "0",
              "-i",
              IDENTITY,
              "-s",
              "authority_signing_key",
              "-c",
              CERTIFICATE);
        }
      }
      runs.await(Deadline.in(MADE_WITHIN));
    }
  }

  private void identify(List<Making> making) throws IOException {
    try (var runs = new ProgramRuns()) {
      for (var each : making) {
        var empty = Files.createFile(each.place().resolve("empty")).toString();
        runs.start(
            each.place(),
            each.place(),
            "",
            programs.tor().toString(),
            "--list-fingerprint",
            "--defaults-torrc",
            empty,
            "-f",
            empty,
            "--ORPort",
            "1",
            "--DataDirectory",
            each.place().toString(),
            "--Nickname",
            each.nickname());
      }
      runs.await(Deadline.in(MADE_WITHIN));
    }
  }

  private void publish(Making made) throws IOException {
    // The key that certifies signing keys; the signing key is certified already.
    Files.deleteIfExists(made.place().resolve(KEYS).resolve(IDENTITY));
    try {
      Files.move(made.place(), entry(made.nickname()), StandardCopyOption.ATOMIC_MOVE);
    } catch (FileSystemException e) {
      // Where another process was faster, its keys are as good.
      if (Files.notExists(entry(made.nickname()))) {
        throw e;
      }
    }
  }

  /** Copies a node's keys into its own directory. */
  void install(NodePlan node) throws IOException {
    var from = entry(node.nickname());
    var keys = PrivateDirectory.create(node.directory().resolve(KEYS));
    try (var files = Files.newDirectoryStream(from.resolve(KEYS))) {
      for (var file : files) {
        Files.copy(file, keys.resolve(file.getFileName()), StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
  }

  /** Reads a node's fingerprint: 40 hexadecimal digits. */
  String fingerprint(NodePlan node) throws IOException {
    var line = Files.readString(entry(node.nickname()).resolve(FINGERPRINT));
    return line.strip().split(" ", 2)[1];
  }

  /** Writes what all nodes know an authority by. */
  String authority(NodePlan node) throws IOException {
    var identity =
        certificate(node)
            .lines()
            .filter(line -> line.startsWith("fingerprint "))
            .findFirst()
            .orElseThrow(() -> new IOException(entry(node.nickname()) + ": no certificate in it"));
    return "DirAuthority %s orport=%d no-v2 v3ident=%s %s:%d %s"
        .formatted(
            node.nickname(),
            node.orPort(),
            identity.split(" ", 2)[1],
            node.address().getHostAddress(),
            node.dirPort(),
            fingerprint(node));
  }

  /** Reads an authority's certificate. */
  String certificate(NodePlan node) throws IOException {
    return Files.readString(entry(node.nickname()).resolve(KEYS).resolve(CERTIFICATE));
  }
}
