package dev.cloister.tor.control;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Says to tor who we are, and, by the safe cookie, makes sure that it is tor. */
final class Handshake {
  private static final int COOKIE_BYTES = 32;
  private static final int NONCE_BYTES = 32;
  private static final String SERVER = "Tor safe cookie authentication server-to-controller hash";
  private static final String CLIENT = "Tor safe cookie authentication controller-to-server hash";

  private final Conversation conversation;
  private final ProtocolInfo protocol;

  Handshake(Conversation conversation, ProtocolInfo protocol) {
    this.conversation = conversation;
    this.protocol = protocol;
  }

  void authenticate(Authentication by) throws IOException {
    switch (by) {
      case Authentication.None _ -> send(Command.of("AUTHENTICATE"), "NULL");
      case Authentication.Password password ->
          send(Command.of("AUTHENTICATE").quotedWord(password.text()), "HASHEDPASSWORD");
      case Authentication.Cookie cookie -> sendCookie(cookie.file());
      case Authentication.SafeCookie _ -> proveCookie();
    }
  }

  private void send(Command command, String method) throws IOException {
    if (!protocol.methods().contains(method)) {
      command.wipe();
      throw new IOException(
          "tor takes no authentication by %s: it offers %s".formatted(method, protocol.methods()));
    }
    TorControl.positive(command, conversation.ask(command));
  }

  private void sendCookie(Path file) throws IOException {
    var cookie = cookie(file);
    send(Command.of("AUTHENTICATE").word(HexFormat.of().formatHex(cookie)), "COOKIE");
    Arrays.fill(cookie, (byte) 0);
  }

  /** Reads a cookie, which has 32 bytes; a file of another length is not read further. */
  private static byte[] cookie(Path file) throws IOException {
    try (var in = Files.newInputStream(file)) {
      var bytes = in.readNBytes(COOKIE_BYTES + 1);
      if (bytes.length != COOKIE_BYTES) {
        throw new IOException(
            "cookie file %s: must have exactly %d bytes".formatted(file, COOKIE_BYTES));
      }
      return bytes;
    }
  }

  private Path cookieFile() throws IOException {
    try {
      return Path.of(protocol.cookieFile());
    } catch (InvalidPathException e) {
      throw new IOException("tor names a cookie file that can't be one: " + e.getReason(), e);
    }
  }

  private void proveCookie() throws IOException {
    if (!protocol.methods().contains("SAFECOOKIE") || protocol.cookieFile().isEmpty()) {
      throw new IOException(
          "tor offers no SAFECOOKIE but %s: set CookieAuthentication 1, or authenticate otherwise"
              .formatted(protocol.methods()));
    }
    var cookie = cookie(cookieFile());
    try {
      var ours = new byte[NONCE_BYTES];
      new SecureRandom().nextBytes(ours);
      var challenge = challenge(ours);
      var theirs = hex(challenge, "SERVERNONCE");
      if (!MessageDigest.isEqual(
          hash(SERVER, cookie, ours, theirs), hex(challenge, "SERVERHASH"))) {
        throw new ControlViolation(
            "what listens at the control port does not know the cookie: it is not that tor");
      }
      var proof = HexFormat.of().formatHex(hash(CLIENT, cookie, ours, theirs));
      var command = Command.of("AUTHENTICATE").word(proof);
      TorControl.positive(command, conversation.ask(command));
    } finally {
      Arrays.fill(cookie, (byte) 0);
    }
  }

  private Words challenge(byte[] ours) throws IOException {
    var command =
        Command.of("AUTHCHALLENGE").word("SAFECOOKIE").word(HexFormat.of().formatHex(ours));
    return Words.of(TorControl.positive(command, conversation.ask(command)).text());
  }

  private static byte[] hex(Words words, String keyword) throws ControlViolation {
    var text = words.value(keyword).orElse("");
    try {
      var bytes = HexFormat.of().parseHex(text);
      if (bytes.length == NONCE_BYTES) {
        return bytes;
      }
    } catch (IllegalArgumentException _) {
      // Told below.
    }
    throw new ControlViolation(keyword + " must be 64 hexadecimal digits");
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
