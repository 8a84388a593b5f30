package dev.cloister.core.policy;

import dev.cloister.core.Description;
import dev.cloister.core.Ed25519;
import dev.cloister.core.PolicyRejected;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.dataformat.yaml.YAMLFactory;
import tools.jackson.dataformat.yaml.YAMLParser;

/**
 * A YAML or JSON document, read strictly: every value knows the line of its name, a name that
 * stands twice is an error, and so are aliases, a second document, and anything deeper or larger
 * than the bounds. Whoever reads it asks for what it knows, and {@link Node#only} refuses the rest.
 * Immutable.
 *
 * <p>Any input gives a document or {@link PolicyRejected}. Sources: YAML 1.2, RFC 8259.
 */
public final class Document {
  /** The largest document that is read. */
  public static final int BYTES_MAX = 1 << 20;

  private static final int DEPTH_MAX = 32;

  private static final Pattern YAML_MARK =
      Pattern.compile("^ in reader, line (\\d{1,9}), column", Pattern.MULTILINE);

  private final Node root;
  private final byte[] bytes;
  private final boolean json;
  private final Optional<Signed> signed;

  /** Whose signature was verified, and the signature. */
  private static final class Signed {
    final String key;
    final byte[] signature;

    Signed(String key, byte[] signature) {
      this.key = key;
      this.signature = signature;
    }
  }

  private Document(Node root, byte[] bytes, boolean json, Optional<Signed> signed) {
    this.root = root;
    this.bytes = bytes;
    this.json = json;
    this.signed = signed;
  }

  /**
   * Reads a file.
   *
   * @param file JSON when its name ends in {@code .json}, YAML otherwise
   * @return the document
   * @throws PolicyRejected when it is not a document, with the line
   * @throws IOException when the file cannot be read
   */
  public static Document read(Path file) throws IOException {
    return parse(String.valueOf(file.getFileName()), bytes(file), Optional.empty());
  }

  /**
   * Reads a file that must be signed: the signature stands in a file beside it, as {@link
   * DetachedSignature} says.
   *
   * @param file JSON when its name ends in {@code .json}, YAML otherwise
   * @param publicKeyHex the Ed25519 key that must have signed it, 32 bytes in hex
   * @return the document, of the very bytes that were verified
   * @throws PolicyRejected when it is not signed by that key, or no document, with the line
   * @throws IOException when a file cannot be read
   */
  public static Document read(Path file, String publicKeyHex) throws IOException {
    var bytes = bytes(file);
    var signature = DetachedSignature.read(file);
    return parse(String.valueOf(file.getFileName()), bytes, signature, publicKeyHex);
  }

  private static byte[] bytes(Path file) throws IOException {
    try (var in = Files.newInputStream(file)) {
      return in.readNBytes(BYTES_MAX + 1);
    }
  }

  /**
   * Reads text.
   *
   * @param name what errors call it; JSON when it ends in {@code .json}, YAML otherwise
   * @param text the document
   * @return the document
   * @throws PolicyRejected when it is not a document, with the line
   */
  public static Document parse(String name, String text) {
    return parse(name, text.getBytes(StandardCharsets.UTF_8), Optional.empty());
  }

  /**
   * Reads bytes.
   *
   * @param name what errors call it; JSON when it ends in {@code .json}, YAML otherwise
   * @param bytes the document
   * @return the document
   * @throws PolicyRejected when it is not a document, with the line
   */
  public static Document parse(String name, byte[] bytes) {
    return parse(name, bytes.clone(), Optional.empty());
  }

  /**
   * Reads bytes that must be signed.
   *
   * @param name what errors call it; JSON when it ends in {@code .json}, YAML otherwise
   * @param bytes the document
   * @param signature Ed25519 over the bytes
   * @param publicKeyHex the key that must have signed them, 32 bytes in hex
   * @return the document
   * @throws PolicyRejected when it is not signed by that key, or no document, with the line
   */
  public static Document parse(String name, byte[] bytes, byte[] signature, String publicKeyHex) {
    if (!Ed25519.verifies(publicKeyHex, bytes, signature)) {
      throw new PolicyRejected(
          name,
          "its signature is not one of key %s over these bytes: take it from its author again"
              .formatted(Node.shown(publicKeyHex)));
    }
    return parse(name, bytes.clone(), Optional.of(new Signed(publicKeyHex, signature.clone())));
  }

  private static Document parse(String name, byte[] bytes, Optional<Signed> signed) {
    if (bytes.length > BYTES_MAX) {
      throw new PolicyRejected(name, "larger than " + BYTES_MAX + " bytes: cut it down");
    }
    try (var parser = factory(name).createParser(ObjectReadContext.empty(), utf8(name, bytes))) {
      if (parser.nextToken() == null) {
        throw new PolicyRejected(name, "empty: a document is needed");
      }
      var root = new Reader(name, parser).root();
      if (parser.nextToken() != null) {
        throw new PolicyRejected(
            name + ":" + parser.currentTokenLocation().getLineNr(),
            "a second document begins here: one is allowed");
      }
      return new Document(root, bytes, isJson(name), signed);
    } catch (JacksonException e) {
      throw rejected(name, e, String.valueOf(e.getOriginalMessage()));
    }
  }

  /**
   * Says what the parser found, and where: YAML's tells the place of the fault in its message
   * alone, each time followed by the indented line itself.
   */
  private static PolicyRejected rejected(String name, JacksonException e, String message) {
    var line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
    for (var mark = YAML_MARK.matcher(message); mark.find(); ) {
      line = Integer.parseInt(mark.group(1));
    }
    var fault =
        message.lines().filter(text -> !text.startsWith(" ")).collect(Collectors.joining(" "));
    return new PolicyRejected(line > 0 ? name + ":" + line : name, Node.printable(fault));
  }

  private static TokenStreamFactory factory(String name) {
    return isJson(name)
        ? JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build()
        : YAMLFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();
  }

  private static boolean isJson(String name) {
    return name.toLowerCase(Locale.ROOT).endsWith(".json");
  }

  private static String utf8(String name, byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException _) {
      throw new PolicyRejected(name, "not UTF-8 text");
    }
  }

  /**
   * Returns the document's one value.
   *
   * @return the root
   */
  public Node root() {
    return root;
  }

  /**
   * Returns the digest by which others name this document.
   *
   * @return SHA-256 of its bytes, in hex
   */
  public String digest() {
    return Description.sha256Hex(bytes);
  }

  /**
   * Returns the document as it was read, to hand it on.
   *
   * @return a copy of its bytes
   */
  public byte[] bytes() {
    return bytes.clone();
  }

  /**
   * Tells how it is written.
   *
   * @return whether it was read as JSON, and not as YAML
   */
  public boolean isJson() {
    return json;
  }

  /**
   * Returns who signed this document.
   *
   * @return the key against which its bytes were verified; nothing when none was asked for
   */
  public Optional<String> signer() {
    return signed.map(by -> by.key);
  }

  /**
   * Returns the signature that was verified, to hand it on.
   *
   * @return a copy; nothing when there is no {@link #signer}
   */
  public Optional<byte[]> signature() {
    return signed.map(by -> by.signature.clone());
  }

  /** Turns tokens into nodes. */
  private record Reader(String name, JsonParser parser) {

    Node root() {
      return node(line(), "", DEPTH_MAX);
    }

    private int line() {
      return parser.currentTokenLocation().getLineNr();
    }

    private Node node(int line, String path, int depthLeft) {
      var location = name + ":" + line + (path.isEmpty() ? "" : " " + path);
      if (depthLeft == 0) {
        throw new PolicyRejected(location, "nested deeper than " + DEPTH_MAX);
      }
      if (parser instanceof YAMLParser yaml && yaml.isCurrentAlias()) {
        throw new PolicyRejected(location, "an alias: write the value out");
      }
      return switch (parser.currentToken()) {
        case START_OBJECT -> mapping(location, path, depthLeft);
        case START_ARRAY -> sequence(location, path, depthLeft);
        case VALUE_STRING -> new Node(location, Node.Kind.TEXT, parser.getString());
        case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT ->
            new Node(location, Node.Kind.NUMBER, parser.getString());
        case VALUE_TRUE, VALUE_FALSE -> new Node(location, Node.Kind.TRUTH, parser.getString());
        case VALUE_NULL -> throw new PolicyRejected(location, "empty: a value is needed");
        default -> throw new PolicyRejected(location, "not a value");
      };
    }

    private Node mapping(String location, String path, int depthLeft) {
      var members = new LinkedHashMap<String, Node>();
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        var key = parser.currentName();
        var line = line();
        var shown = Node.shown(key);
        parser.nextToken();
        members.put(key, node(line, path.isEmpty() ? shown : path + "." + shown, depthLeft - 1));
      }
      return new Node(location, members);
    }

    private Node sequence(String location, String path, int depthLeft) {
      var items = new ArrayList<Node>();
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        items.add(node(line(), path + "[" + items.size() + "]", depthLeft - 1));
      }
      return new Node(location, items);
    }
  }
}
