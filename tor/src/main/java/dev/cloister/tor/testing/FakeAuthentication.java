package dev.cloister.tor.testing;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** What a fake's control port takes of whoever connects, and whether this one has said it. */
final class FakeAuthentication {
  static final String VERSION = "0.4.9.11";

  private static final int NONCE_BYTES = 32;
  private static final String SERVER = "Tor safe cookie authentication server-to-controller hash";
  private static final String CLIENT = "Tor safe cookie authentication controller-to-server hash";
  private static final HexFormat HEX = HexFormat.of().withUpperCase();

  private final Demand demand;

  /** What proves that the cookie is known, once it was asked for. */
  private Optional<byte[]> proof = Optional.empty();

  /** What has to be said. */
  sealed interface Demand {
    /** Nothing. */
    record Nothing() implements Demand {}

    /** The text. */
    record Password(String text) implements Demand {
      @Override
      public String toString() {
        return "Password";
      }
    }

    /**
     * The cookie, or that it is known.
     *
     * @param hex 32 bytes
     * @param file what PROTOCOLINFO names
     */
    record Cookie(String hex, String file) implements Demand {
      byte[] bytes() {
        return HEX.parseHex(hex);
      }

      @Override
      public String toString() {
        return "Cookie";
      }
    }
  }

  FakeAuthentication(Demand demand) {
    this.demand = demand;
  }

  String protocolInfo() {
    return "250-PROTOCOLINFO 1\r\n250-AUTH METHODS=%s\r\n250-VERSION Tor=\"%s\"\r\n250 OK\r\n"
        .formatted(
            switch (demand) {
              case Demand.Nothing _ -> "NULL";
              case Demand.Password _ -> "HASHEDPASSWORD";
              case Demand.Cookie cookie ->
                  "COOKIE,SAFECOOKIE COOKIEFILE=\"%s\"".formatted(cookie.file());
            },
            VERSION);
  }

  String challenge(FakeCommand command) throws FakeRefusal {
    if (!(demand instanceof Demand.Cookie cookie)) {
      throw new FakeRefusal(515, "Cookie authentication is disabled");
    }
    if (!command.word(0).raw().equalsIgnoreCase("SAFECOOKIE")) {
      throw new FakeRefusal(513, "AUTHCHALLENGE only supports SAFECOOKIE authentication");
    }
    var theirs = hex(command.word(1).raw());
    var ours = new byte[NONCE_BYTES];
    new SecureRandom().nextBytes(ours);
    proof = Optional.of(hash(CLIENT, cookie.bytes(), theirs, ours));
    return "250 AUTHCHALLENGE SERVERHASH=%s SERVERNONCE=%s\r\n"
        .formatted(HEX.formatHex(hash(SERVER, cookie.bytes(), theirs, ours)), HEX.formatHex(ours));
  }

  private static byte[] hex(String text) throws FakeRefusal {
    try {
      return HEX.parseHex(text);
    } catch (IllegalArgumentException _) {
      throw new FakeRefusal(
          551,
          "Invalid hexadecimal encoding.  Maybe you tried a plain text password?  If so, the"
              + " standard requires that you put it in double quotes.");
    }
  }

  String authenticate(FakeCommand command) throws FakeRefusal {
    var raw = command.words().isEmpty() ? "" : command.word(0).raw();
    switch (demand) {
      case Demand.Nothing _ -> {
        // Whatever was said.
      }
      case Demand.Password password -> {
        var said = raw.startsWith("\"") ? command.word(0).name() : new String(hex(raw), US_ASCII);
        require(
            said.equals(password.text()),
            "Password did not match HashedControlPassword value from configuration. Maybe you tried"
                + " a plain text password? If so, the standard requires that you put it in double"
                + " quotes.");
      }
      case Demand.Cookie cookie -> {
        var said = raw.startsWith("\"") ? command.word(0).name().getBytes(US_ASCII) : hex(raw);
        require(said.length == cookie.bytes().length, "Wrong length on authentication cookie.");
        require(
            MessageDigest.isEqual(said, proof.orElse(cookie.bytes())),
            proof.isPresent()
                ? "Safe cookie response did not match expected value."
                : "Authentication cookie did not match expected value.");
      }
    }
    return FakeReply.OK;
  }

  private static void require(boolean isRight, String text) throws FakeRefusal {
    if (!isRight) {
      throw new FakeRefusal(515, "Authentication failed: " + text);
    }
  }

  private static byte[] hash(String key, byte[]... parts) {
    try {
      var mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key.getBytes(US_ASCII), "HmacSHA256"));
      for (var part : parts) {
        mac.update(part);
      }
      return mac.doFinal();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has HmacSHA256", e);
    }
  }
}
