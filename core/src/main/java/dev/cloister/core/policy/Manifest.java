package dev.cloister.core.policy;

import dev.cloister.core.PolicyRejected;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What a function says it needs: its code by digest, the image it runs in, calls, destinations and
 * limits, and nothing that it does not name. A manifest grants nothing: {@link NodePolicy#admit}
 * does. {@code examples/policies/function.yaml} says what each field means. Immutable.
 */
public final class Manifest {
  /** The most network rules of a manifest: strangers write them. */
  public static final int RULES_MAX = 256;

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
  private static final Pattern HEX = Pattern.compile("[0-9a-f]{64}");
  private static final String UNSIGNED = "none";

  private final Document document;
  private final String name;
  private final String codeDigest;
  private final Node image;
  private final Map<ApiCall, String> api;
  private final NetworkPolicy network;
  private final ResourceLimits limits;
  private final Map<Resource, String> limitPlaces;

  private Manifest(Document document) {
    var root =
        document
            .root()
            .only(Set.of("name", "codeDigest", "image", "api", "network", "limits", "signature"));
    this.document = document;
    this.name = name(root.required("name"));
    this.codeDigest = hex(root.required("codeDigest"), "the SHA-256 of the code");
    this.image = root.required("image");
    name(image);
    this.api = root.optional("api").map(ApiCall::read).orElse(Map.of());
    this.network = root.optional("network").map(Manifest::rules).orElseGet(NetworkPolicy::none);
    this.limits = root.optional("limits").map(ResourceLimits::read).orElse(ResourceLimits.none());
    this.limitPlaces = root.optional("limits").map(Manifest::places).orElse(Map.of());
  }

  /**
   * Reads a manifest, and its signature beside it when the manifest names a key: then that key must
   * have signed it.
   *
   * @param file YAML, or JSON when its name ends in {@code .json}
   * @return the manifest
   * @throws PolicyRejected when it is none, or is not signed as it says, with the place
   * @throws IOException when a file cannot be read
   */
  public static Manifest load(Path file) throws IOException {
    var unsigned = Document.read(file);
    var key = key(unsigned);
    return of(key.isPresent() ? Document.read(file, key.get()) : unsigned);
  }

  /**
   * Reads an unsigned manifest from text.
   *
   * @param name what errors call it; JSON when it ends in {@code .json}, YAML otherwise
   * @param text the document
   * @return the manifest
   * @throws PolicyRejected when it is none, or says that it is signed, with the place
   */
  public static Manifest parse(String name, String text) {
    return of(Document.parse(name, text));
  }

  /**
   * Takes a document for a manifest.
   *
   * @param document signed by the key that it names, if it names one
   * @return the manifest
   * @throws PolicyRejected when it is none, or is not signed as it says, with the place
   */
  public static Manifest of(Document document) {
    var manifest = new Manifest(document);
    var key = key(document);
    if (key.isPresent() && !key.equals(document.signer())) {
      throw document
          .root()
          .required("signature")
          .rejected("%s: its signature was not given: read it from a file".formatted(key.get()));
    }
    return manifest;
  }

  /** Returns the key that a manifest says has signed it. */
  private static Optional<String> key(Document document) {
    return document
        .root()
        .optional("signature")
        .filter(node -> !node.scalar().equals(UNSIGNED))
        .map(node -> hex(node, "none, or the Ed25519 key that signed this file:"));
  }

  /** Returns the name of a function or an image; an image's digest is a name too. */
  static String name(Node node) {
    if (!NAME.matcher(node.scalar()).matches()) {
      throw node.rejected(
          "\"%s\": allowed are up to 64 letters, digits, dots, dashes and underscores"
              .formatted(Node.shown(node.scalar())));
    }
    return node.scalar();
  }

  private static String hex(Node node, String what) {
    if (!HEX.matcher(node.scalar()).matches()) {
      throw node.rejected(
          "\"%s\": allowed is %s 64 lower-case hex digits"
              .formatted(Node.shown(node.scalar()), what));
    }
    return node.scalar();
  }

  private static NetworkPolicy rules(Node list) {
    if (list.items().size() > RULES_MAX) {
      throw list.rejected(
          "%d rules: allowed are %d; join some".formatted(list.items().size(), RULES_MAX));
    }
    return NetworkPolicy.read(list);
  }

  private static Map<Resource, String> places(Node limits) {
    var places = new EnumMap<Resource, String>(Resource.class);
    Arrays.stream(Resource.values())
        .forEach(resource ->
            limits
                .optional(resource.label())
                .ifPresent(node -> places.put(resource, node.location())));
    return Collections.unmodifiableMap(places);
  }

  /**
   * Returns what the function is called.
   *
   * @return a name for people
   */
  public String name() {
    return name;
  }

  /**
   * Returns which code this speaks for.
   *
   * @return SHA-256 in hex
   */
  public String codeDigest() {
    return codeDigest;
  }

  /**
   * Returns the image to run in.
   *
   * @return its name or digest
   */
  public String image() {
    return image.scalar();
  }

  /**
   * Returns the calls it needs.
   *
   * @return none but these
   */
  public Set<ApiCall> api() {
    return api.keySet();
  }

  /**
   * Returns the destinations it needs to reach.
   *
   * @return rules that reject everything else
   */
  public NetworkPolicy network() {
    return network;
  }

  /**
   * Returns how much it needs.
   *
   * @return the resources that it names
   */
  public ResourceLimits limits() {
    return limits;
  }

  /**
   * Returns who signed it.
   *
   * @return the Ed25519 key that was verified, in hex, if the manifest names one
   */
  public Optional<String> signer() {
    return key(document);
  }

  /**
   * Returns the document that this was read from, to hand it on.
   *
   * @return the manifest as its author wrote it
   */
  public Document document() {
    return document;
  }

  /**
   * Returns the digest of the document.
   *
   * @return SHA-256 of its bytes, in hex
   */
  public String digest() {
    return document.digest();
  }

  String place() {
    return document.root().location();
  }

  String imagePlace() {
    return image.location();
  }

  String place(ApiCall call) {
    return String.valueOf(api.get(call));
  }

  String place(Resource resource) {
    return String.valueOf(limitPlaces.get(resource));
  }
}
