package dev.cloister.examples;

import dev.cloister.tracing.anonymize.AnonymizationPolicy;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** What ships with the examples. */
final class Shipped {
  private static final String CAPTURE = "browsing.pcap";
  private static final String POLICY = "policies/http.yaml";

  private Shipped() {}

  /** Returns the public capture as a file; from a jar it is copied first. */
  static Path capture() throws IOException {
    var resource = Shipped.class.getResource(CAPTURE);
    if (resource == null) {
      throw new FileNotFoundException(CAPTURE + " did not ship with these examples");
    }
    try {
      URI uri = resource.toURI();
      if (uri.getScheme().equals("file")) {
        return Path.of(uri);
      }
    } catch (URISyntaxException e) {
      throw new IOException("the resource " + resource + " has no address", e);
    }
    var copy = Files.createTempFile("cloister-", "-" + CAPTURE);
    copy.toFile().deleteOnExit();
    try (var bytes = open(CAPTURE)) {
      Files.copy(bytes, copy, StandardCopyOption.REPLACE_EXISTING);
    }
    return copy;
  }

  /** Returns the policy that is taken when none is named. */
  static AnonymizationPolicy policy() throws IOException {
    try (var bytes = open(POLICY)) {
      return AnonymizationPolicy.parse(
          POLICY, new String(bytes.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  private static InputStream open(String name) throws IOException {
    var bytes = Shipped.class.getResourceAsStream(name);
    if (bytes == null) {
      throw new FileNotFoundException(name + " did not ship with these examples");
    }
    return bytes;
  }
}
