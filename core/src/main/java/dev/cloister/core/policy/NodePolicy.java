package dev.cloister.core.policy;

import dev.cloister.core.PolicyRejected;
import dev.cloister.core.TimeSource;
import dev.cloister.core.policy.Admission.Unmet;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a node gives to functions, and to how many: what it does not name, it does not give. It
 * decides; others enforce. {@code examples/policies/node.yaml} says what each field means.
 * Immutable.
 */
public final class NodePolicy {
  /** The most images of a policy. */
  private static final int IMAGES_MAX = 256;

  private static final long LIFETIME_SECONDS_MAX = 10L * 366 * 24 * 3600;
  private static final Set<String> FIELDS =
      Set.of(
          "version",
          "validity",
          "images",
          "api",
          "network",
          "systemCalls",
          "perFunction",
          "total",
          "lifetime",
          "attestation");

  private final Document document;
  private final Validity validity;
  private final Set<String> images;
  private final Set<ApiCall> api;
  private final NetworkPolicy network;
  private final SystemCalls systemCalls;
  private final ResourceLimits perFunction;
  private final ResourceLimits total;
  private final Duration lifetime;

  private NodePolicy(Document document) {
    var root = document.root().only(FIELDS);
    root.required("version").integer(1, 1);
    this.document = document;
    this.validity = root.optional("validity").map(Validity::read).orElse(Validity.ALWAYS);
    this.images = root.optional("images").map(NodePolicy::images).orElse(Set.of());
    this.api = root.optional("api").map(node -> ApiCall.read(node).keySet()).orElse(Set.of());
    this.network = root.optional("network").map(NetworkPolicy::read).orElseGet(NetworkPolicy::none);
    this.systemCalls =
        root.optional("systemCalls").map(SystemCalls::read).orElse(SystemCalls.OF_THE_IMAGE);
    this.perFunction =
        root.optional("perFunction").map(ResourceLimits::read).orElse(ResourceLimits.none());
    this.total = root.optional("total").map(this::total).orElse(perFunction);
    this.lifetime =
        root.optional("lifetime")
            .map(node -> Duration.ofSeconds(node.integer(1, LIFETIME_SECONDS_MAX)))
            .orElse(perFunction.duration(Resource.WALL_SECONDS));
    root.optional("attestation").ifPresent(NodePolicy::checkAttestation);
  }

  /**
   * Reads a policy.
   *
   * @param file YAML, or JSON when its name ends in {@code .json}
   * @return the policy
   * @throws PolicyRejected when it is none, with the place
   * @throws IOException when the file cannot be read
   */
  public static NodePolicy load(Path file) throws IOException {
    return of(Document.read(file));
  }

  /**
   * Reads a policy that must be signed.
   *
   * @param file YAML, or JSON when its name ends in {@code .json}; its {@link DetachedSignature}
   *     stands beside it
   * @param publicKeyHex the Ed25519 key that must have signed it, 32 bytes in hex
   * @return the policy
   * @throws PolicyRejected when it is none, or is not signed by that key, with the place
   * @throws IOException when a file cannot be read
   */
  public static NodePolicy load(Path file, String publicKeyHex) throws IOException {
    return of(Document.read(file, publicKeyHex));
  }

  /**
   * Reads a policy from text.
   *
   * @param name what errors call it; JSON when it ends in {@code .json}, YAML otherwise
   * @param text the document
   * @return the policy
   * @throws PolicyRejected when it is none, with the place
   */
  public static NodePolicy parse(String name, String text) {
    return of(Document.parse(name, text));
  }

  /**
   * Takes a document for a policy.
   *
   * @param document verified already, where that matters
   * @return the policy
   * @throws PolicyRejected when it is none, with the place
   */
  public static NodePolicy of(Document document) {
    return new NodePolicy(document);
  }

  private static Set<String> images(Node list) {
    if (list.items().size() > IMAGES_MAX) {
      throw list.rejected(list.items().size() + " images: allowed are " + IMAGES_MAX);
    }
    var images = new LinkedHashSet<String>();
    list.items().forEach(item -> images.add(Manifest.name(item)));
    return Set.copyOf(images);
  }

  private ResourceLimits total(Node node) {
    var given = ResourceLimits.read(node);
    for (var excess : perFunction.excessOver(given)) {
      throw node.optional(excess.resource().label())
          .orElse(node)
          .rejected(
              "perFunction has %s in total: give at least what one function gets"
                  .formatted(excess));
    }
    return given;
  }

  private static void checkAttestation(Node node) {
    if (!node.scalar().equals("none")) {
      throw node.rejected(
          "\"%s\": allowed is none, since this version offers no attestation"
              .formatted(Node.shown(node.scalar())));
    }
  }

  /**
   * Decides whether a function gets all that it asks for, before any of its code runs. Every two
   * documents have an answer. The work is bounded by the manifest's rules times the policy's
   * intervals.
   *
   * @param manifest what it asks for
   * @param time tells whether this policy holds now
   * @return yes, or every need that is not met, with the rule that refused it
   */
  public Admission admit(Manifest manifest, TimeSource time) {
    var unmet = new ArrayList<Unmet>();
    var now = time.now();
    validity
        .brokenAt(now)
        .ifPresent(rule ->
            unmet.add(new Unmet("time " + now, manifest.place(), refusal("validity", rule))));
    if (!images.contains(manifest.image())) {
      var rule = "images: " + images.stream().sorted().toList();
      unmet.add(
          new Unmet("image " + manifest.image(), manifest.imagePlace(), refusal("images", rule)));
    }
    for (var call : manifest.api()) {
      if (!api.contains(call)) {
        var rule = "api: " + api.stream().sorted().map(ApiCall::label).toList();
        unmet.add(new Unmet("api " + call.label(), manifest.place(call), refusal("api", rule)));
      }
    }
    for (var gap : new Coverage(network, manifest.network()).gaps()) {
      var need = "network %s, such as %s".formatted(gap.rule().text(), gap.example());
      unmet.add(new Unmet(need, gap.rule().place(), gap.refusal()));
    }
    unmet.addAll(unmetLimits(manifest));
    return new Admission(unmet);
  }

  private List<Unmet> unmetLimits(Manifest manifest) {
    var unmet = new ArrayList<Unmet>();
    manifest
        .limits()
        .amounts()
        .forEach((resource, asked) -> {
          var need = "limits %s %s".formatted(resource.label(), resource.text(asked));
          if (asked > perFunction.of(resource)) {
            unmet.add(new Unmet(need, manifest.place(resource), refusal(resource)));
          } else if (resource == Resource.WALL_SECONDS
              && manifest.limits().duration(resource).compareTo(lifetime) > 0) {
            var rule = "lifetime: " + lifetime.toSeconds();
            unmet.add(new Unmet(need, manifest.place(resource), refusal("lifetime", rule)));
          }
        });
    return unmet;
  }

  private Decision refusal(Resource resource) {
    var rule =
        "perFunction.%s: %s"
            .formatted(
                resource.label(),
                perFunction.names(resource)
                    ? resource.text(perFunction.of(resource))
                    : "not given");
    var place =
        document
            .root()
            .optional("perFunction")
            .flatMap(limits -> limits.optional(resource.label()));
    return new Decision(false, rule, place.map(Node::location).orElse(place("perFunction")));
  }

  private Decision refusal(String field, String rule) {
    return new Decision(false, Node.shown(rule), place(field));
  }

  /** Returns where a field stands, or that the policy has none. */
  private String place(String field) {
    return document
        .root()
        .optional(field)
        .map(Node::location)
        .orElseGet(() -> document.root().location() + ": no " + field);
  }

  /**
   * Returns the limits a function is held to: what its manifest names, and of all else what one
   * function gets; and no more time than a cell lives.
   *
   * @param manifest one that was admitted
   * @return limits that name every resource that the policy gives
   */
  public ResourceLimits limitsFor(Manifest manifest) {
    var limits = manifest.limits().orElse(perFunction);
    var longest =
        Resource.WALL_SECONDS.scale() * lifetime.toSeconds() + lifetime.toNanosPart() / 1000;
    return limits.of(Resource.WALL_SECONDS) <= longest
        ? limits
        : limits.with(Resource.WALL_SECONDS, longest);
  }

  /**
   * Returns when this holds.
   *
   * @return from when to when
   */
  public Validity validity() {
    return validity;
  }

  /**
   * Returns the images that functions may run in.
   *
   * @return names or digests
   */
  public Set<String> images() {
    return images;
  }

  /**
   * Returns the calls that functions may be given.
   *
   * @return none but these
   */
  public Set<ApiCall> api() {
    return api;
  }

  /**
   * Returns the destinations that functions may be let reach.
   *
   * @return the rules
   */
  public NetworkPolicy network() {
    return network;
  }

  /**
   * Returns how the images' system calls are narrowed.
   *
   * @return what is allowed and denied
   */
  public SystemCalls systemCalls() {
    return systemCalls;
  }

  /**
   * Returns the most that one function gets.
   *
   * @return limits
   */
  public ResourceLimits perFunction() {
    return perFunction;
  }

  /**
   * Returns the most that all functions get together.
   *
   * @return limits in which those of one function fit
   */
  public ResourceLimits total() {
    return total;
  }

  /**
   * Returns how long a cell lives at most.
   *
   * @return the time from its start
   */
  public Duration lifetime() {
    return lifetime;
  }

  /**
   * Returns who signed it.
   *
   * @return the Ed25519 key that was verified, in hex; nothing when none was asked for
   */
  public Optional<String> signer() {
    return document.signer();
  }

  /**
   * Returns the document that this was read from, to hand it on.
   *
   * @return the policy as its author wrote it
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
}
