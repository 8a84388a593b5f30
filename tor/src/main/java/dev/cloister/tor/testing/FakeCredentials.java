package dev.cloister.tor.testing;

import com.google.common.io.BaseEncoding;
import dev.cloister.tor.OnionAddress;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.spec.NamedParameterSpec;
import java.security.spec.XECPrivateKeySpec;
import java.security.spec.XECPublicKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.crypto.KeyAgreement;

/** Keys by which the fake, as a client, reads descriptors. Guarded by the world's lock. */
final class FakeCredentials {
  private static final String KIND = "x25519:";
  private static final int KEY_BYTES = 32;
  private static final BigInteger BASE = BigInteger.valueOf(9);

  private final Map<String, Credential> credentials = new LinkedHashMap<>();

  /**
   * A key.
   *
   * @param key in base64
   */
  private record Credential(String key, Optional<String> nickname) {
    @Override
    public String toString() {
      return "Credential";
    }

    String line(String id) {
      return "CLIENT %s %s%s%s"
          .formatted(id, KIND, key, nickname.map(name -> " ClientName=" + name).orElse(""));
    }
  }

  List<String> ids() {
    return List.copyOf(credentials.keySet());
  }

  String add(FakeCommand command) throws FakeRefusal {
    if (command.words().size() < 2) {
      throw new FakeRefusal(512, "Incomplete ONION_CLIENT_AUTH_ADD command");
    }
    var id = id(command);
    var key = key(command.word(1).raw());
    var nickname = Optional.<String>empty();
    for (var word : command.words().subList(2, command.words().size())) {
      if (word.name().equalsIgnoreCase("ClientName")) {
        nickname = word.value();
      } else if (word.name().equalsIgnoreCase("Flags")) {
        permanent(id, word.value().orElse(""));
      }
    }
    return credentials.put(id, new Credential(key, nickname)) == null
        ? FakeReply.OK
        : "251 Client for onion existed and replaced\r\n";
  }

  /** Refuses every flag: the fake has no ClientOnionAuthDir, as a tor that was not told of one. */
  private static void permanent(String id, String flag) throws FakeRefusal {
    throw flag.equalsIgnoreCase("Permanent")
        ? new FakeRefusal(553, "Unable to store creds for \"" + id + '"')
        : new FakeRefusal(512, "Invalid 'Flags' argument: \"" + flag + '"');
  }

  /** Reads a key, and writes it in tor's form. */
  private static String key(String text) throws FakeRefusal {
    var colon = text.indexOf(':');
    if (!text.startsWith(KIND)) {
      throw new FakeRefusal(
          552, "Unrecognized key type \"" + text.substring(0, Math.max(0, colon)) + '"');
    }
    var base64 = text.substring(KIND.length());
    try {
      var key = Base64.getDecoder().decode(base64);
      if (Arrays.equals(key, new byte[KEY_BYTES])) {
        throw new FakeRefusal(553, "Invalid private key \"" + base64 + '"');
      }
      if (key.length == KEY_BYTES) {
        return Base64.getEncoder().encodeToString(key);
      }
    } catch (IllegalArgumentException _) {
      // Told below.
    }
    throw new FakeRefusal(512, "Failed to decode x25519 private key");
  }

  private static String id(FakeCommand command) throws FakeRefusal {
    var id = command.word(0).raw();
    return FakeOnions.address(id)
        .map(OnionAddress::id)
        .orElseThrow(() -> new FakeRefusal(512, "Invalid v3 address \"" + id + '"'));
  }

  String remove(FakeCommand command) throws FakeRefusal {
    if (command.words().isEmpty()) {
      throw new FakeRefusal(512, "Incomplete ONION_CLIENT_AUTH_REMOVE command");
    }
    var id = id(command);
    return credentials.remove(id) == null
        ? "251 No credentials for \"" + id + "\"\r\n"
        : FakeReply.OK;
  }

  String view(FakeCommand command) throws FakeRefusal {
    var lines = new ArrayList<String>();
    if (command.words().isEmpty()) {
      lines.add("ONION_CLIENT_AUTH_VIEW");
      credentials.forEach((id, credential) -> lines.add(credential.line(id)));
    } else {
      var id = id(command);
      lines.add("ONION_CLIENT_AUTH_VIEW " + id);
      Optional.ofNullable(credentials.get(id)).ifPresent(c -> lines.add(c.line(id)));
    }
    return FakeReply.withOk(lines);
  }

  /** Computes the public key for a service, in base32 as ADD_ONION has it. */
  Optional<String> publicKey(String id) {
    return Optional.ofNullable(credentials.get(id))
        .map(credential -> publicKey(Base64.getDecoder().decode(credential.key())))
        .map(BaseEncoding.base32().omitPadding()::encode);
  }

  /** Multiplies the base point (RFC 7748, section 6.1), which the JDK does as an agreement. */
  private static byte[] publicKey(byte[] key) {
    try {
      var keys = KeyFactory.getInstance("X25519");
      var agreement = KeyAgreement.getInstance("X25519");
      agreement.init(keys.generatePrivate(new XECPrivateKeySpec(NamedParameterSpec.X25519, key)));
      agreement.doPhase(
          keys.generatePublic(new XECPublicKeySpec(NamedParameterSpec.X25519, BASE)), true);
      return agreement.generateSecret();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has X25519", e);
    }
  }
}
