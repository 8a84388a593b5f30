package dev.cloister.examples;

import dev.cloister.core.key.EphemeralKey;
import dev.cloister.core.key.SecretMemory;
import dev.cloister.crypto.pseudonym.CryptoPan;
import dev.cloister.crypto.pseudonym.Ipcrypt;
import dev.cloister.examples.Example.BadRequest;
import dev.cloister.tracing.record.AddressText;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Gives addresses pseudonyms, or takes pseudonyms back, one a line. */
@Command(
    name = "Pseudonym",
    description = "Reads addresses from standard input, one a line, and prints their pseudonyms.",
    sortOptions = false)
final class Pseudonym implements Callable<Integer> {
  @Option(
      names = "--scheme",
      required = true,
      paramLabel = "NAME",
      description = "cryptopan, ipcrypt or ipcrypt-pfx (required)")
  private @Nullable String scheme;

  @Option(
      names = "--key",
      required = true,
      paramLabel = "HEX",
      description = "32 bytes, for ipcrypt 16 (required)")
  private @Nullable String key;

  @Option(names = "--decrypt", description = "take pseudonyms back (default: off)")
  private boolean decrypt;

  @SuppressWarnings("unused") // picocli acts on it
  @Option(names = "--help", usageHelp = true, description = "print this and exit (default: off)")
  private boolean help;

  Pseudonym() {}

  /** Runs the example. */
  static void main(String[] args) {
    System.exit(Example.run(new Pseudonym(), args));
  }

  /** A scheme in one direction. */
  private interface Mapping {
    /** Maps an address into {@code out}; returns the length of what it gives. */
    int map(byte[] address, byte[] out);
  }

  @Override
  public Integer call() throws BadRequest, IOException {
    try (var memory = SecretMemory.open(4096)) {
      var mapping = mapping(memory);
      var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      var exit = Example.OK;
      var number = 0;
      for (var line = in.readLine(); line != null; line = in.readLine()) {
        number++;
        var address = NumericAddress.parse(line.strip());
        if (address.isEmpty()) {
          System.err.println(
              "standard input:%d \"%s\": must be an IPv4 or IPv6 address".formatted(number, line));
          exit = Example.DAMAGED;
        } else {
          IO.println(mapped(mapping, address.get()));
        }
      }
      return exit;
    }
  }

  private static String mapped(Mapping mapping, byte[] address) {
    var out = new byte[16];
    return AddressText.of(out, 0, mapping.map(address, out));
  }

  private Mapping mapping(SecretMemory memory) throws BadRequest {
    var name = Objects.requireNonNull(scheme);
    try {
      return switch (name) {
        case "cryptopan" -> cryptoPan(CryptoPan.with(key(memory)));
        case "ipcrypt" -> ipcrypt(Ipcrypt.deterministic(key(memory)));
        case "ipcrypt-pfx" -> ipcrypt(Ipcrypt.pfx(key(memory)));
        default ->
            throw new BadRequest(
                "--scheme " + name + ": allowed are cryptopan, ipcrypt and ipcrypt-pfx");
      };
    } catch (IllegalArgumentException e) {
      throw new BadRequest("--key: " + e.getMessage());
    }
  }

  private EphemeralKey key(SecretMemory memory) throws BadRequest {
    var hex = Objects.requireNonNull(key);
    try {
      return memory.keep(HexFormat.of().parseHex(hex));
    } catch (IllegalArgumentException _) {
      throw new BadRequest("--key: must be bytes in hex, and " + hex.length() + " digits are not");
    }
  }

  private Mapping cryptoPan(CryptoPan pan) {
    return (address, out) -> {
      if (decrypt) {
        pan.original(address, 0, address.length, out, 0);
      } else {
        pan.pseudonym(address, 0, address.length, out, 0);
      }
      return address.length;
    };
  }

  private Mapping ipcrypt(Ipcrypt cipher) {
    return (address, out) ->
        decrypt
            ? cipher.decrypt(address, 0, address.length, out, 0)
            : cipher.encrypt(address, 0, address.length, out, 0);
  }
}
