package dev.cloister.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cloister.core.key.SecretAccess;
import dev.cloister.core.policy.Manifest;
import dev.cloister.core.policy.NodePolicy;
import dev.cloister.core.token.Terms;
import dev.cloister.examples.Example.BadRequest;
import dev.cloister.sandbox.session.RemoteCell;
import dev.cloister.sandbox.session.RemoteGrant;
import dev.cloister.tor.function.Browser;
import dev.cloister.tor.function.Dropbox;
import dev.cloister.tor.function.DropboxBounds;
import dev.cloister.tor.function.Page;
import dev.cloister.tor.function.PageRequest;
import dev.cloister.tor.function.RemoteFunction;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Consumer;

/** The functions that come with the library, and how a client talks to each. */
enum ShippedFunction {
  /** Fetches the page whose URL is sent, and gives it out, or to a dropbox. */
  browser {
    @Override
    byte[] code() {
      return Browser.code();
    }

    @Override
    Manifest manifest(NodePolicy policy, boolean storing) {
      return storing
          ? Browser.manifestToStore(IMAGE, policy.network())
          : Browser.manifest(IMAGE, policy.network());
    }

    @Override
    void check(String sent) throws BadRequest {
      try {
        PageRequest.of(sent);
      } catch (IllegalArgumentException e) {
        throw new BadRequest("--send: " + e.getMessage());
      }
    }

    @Override
    boolean talk(
        RemoteCell cell,
        Optional<String> sent,
        Optional<byte[]> into,
        OutputStream out,
        Consumer<String> tell)
        throws IOException {
      if (sent.isEmpty()) {
        return true;
      }
      var request = PageRequest.of(sent.get());
      var download =
          Browser.over(RemoteFunction.in(cell)).open(into.map(request::into).orElse(request));
      var page = download.page(LONG);
      write(page, out, tell);
      tell.accept(download.hasEnded() ? "there is no padding" : "it is here before its padding");
      tell.accept("with its padding: %,d bytes".formatted(download.awaitEnd(LONG)));
      return page.status() > 0 && (into.isEmpty() || page.storedBytes() > 0);
    }
  },

  /** Keeps what is sent, and gives it out when nothing is. */
  dropbox {
    @Override
    byte[] code() {
      return Dropbox.code();
    }

    @Override
    byte[] data() {
      return Dropbox.data(BOUNDS);
    }

    @Override
    Manifest manifest(NodePolicy policy, boolean storing) {
      return Dropbox.manifest(IMAGE, CONTENT_BYTES);
    }

    @Override
    boolean talk(
        RemoteCell cell,
        Optional<String> sent,
        Optional<byte[]> into,
        OutputStream out,
        Consumer<String> tell)
        throws IOException {
      var box = Dropbox.over(RemoteFunction.in(cell));
      if (sent.isPresent()) {
        box.put(sent.get().getBytes(UTF_8), LONG);
      } else {
        out.write(box.get(CONTENT_BYTES, LONG));
      }
      return true;
    }
  };

  private static final String IMAGE = "python";
  private static final Duration LONG = Duration.ofMinutes(2);
  private static final long CONTENT_BYTES = 32L << 20;
  private static final DropboxBounds BOUNDS =
      new DropboxBounds(16, 16 * CONTENT_BYTES, Duration.ofHours(1));

  /** What a cell is loaded with. */
  abstract byte[] code();

  /** What is loaded beside the code, unless told. */
  byte[] data() {
    return new byte[0];
  }

  /** Refuses what cannot be sent to it, before anything is brought or asked. */
  void check(String sent) throws BadRequest {
    // Anything can.
  }

  /**
   * What it needs, with all the network that a node gives.
   *
   * @param storing whether it is to hand on what it gets
   */
  abstract Manifest manifest(NodePolicy policy, boolean storing);

  /**
   * Says what was to be sent, and writes what comes of it; tells whether that is what was asked.
   */
  abstract boolean talk(
      RemoteCell cell,
      Optional<String> sent,
      Optional<byte[]> into,
      OutputStream out,
      Consumer<String> tell)
      throws IOException;

  /** Finds one by what a grant's file calls it. */
  static Optional<ShippedFunction> named(String name) {
    return Arrays.stream(values()).filter(function -> function.name().equals(name)).findFirst();
  }

  /** Takes a page out of the dropbox that a browser put it into. */
  static void takePage(RemoteCell cell, OutputStream out, Consumer<String> tell)
      throws IOException {
    var stored = Dropbox.over(RemoteFunction.in(cell)).get(CONTENT_BYTES, LONG);
    write(Page.read(stored, CONTENT_BYTES), out, tell);
  }

  /**
   * Has it put what it gets into a dropbox, by a right to nothing else; tells whether it is there.
   */
  boolean store(
      RemoteCell cell,
      Optional<String> sent,
      RemoteCell box,
      OutputStream out,
      Consumer<String> tell)
      throws IOException {
    var pieces = Dropbox.pieces(CONTENT_BYTES);
    try (var right = box.delegate(Terms.lasting(BOUNDS.lifetime()).uses(pieces).undelegable())) {
      var bytes = right.bytes(SecretAccess.granted());
      var isStored = talk(cell, sent, Optional.of(bytes), out, tell);
      Arrays.fill(bytes, (byte) 0);
      return isStored;
    }
  }

  /** A right to get what is one piece, once, and to nothing else. */
  static RemoteGrant rightToReadOnce(RemoteCell box) throws IOException {
    return box.delegate(Terms.lasting(BOUNDS.lifetime()).uses(1).undelegable());
  }

  private static void write(Page page, OutputStream out, Consumer<String> tell) throws IOException {
    out.write(page.content());
    out.flush();
    tell.accept(
        "%s: status %d, %s, of %d objects"
            .formatted(page.url(), page.status(), page.mediaType(), page.objects()));
    page.missing()
        .forEach(missing ->
            tell.accept(
                "  not had: %s (%s %s)"
                    .formatted(missing.url(), missing.cause(), missing.detail())));
  }
}
