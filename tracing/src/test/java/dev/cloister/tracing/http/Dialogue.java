package dev.cloister.tracing.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A well-formed connection by chance: a few requests and what answers them, in all the ways in
 * which heads can be written and contents delimited and coded. The same seed gives the same.
 */
final class Dialogue {
  private static final String TOKEN =
      "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  private static final String[] METHODS = {"GET", "POST", "PUT", "HEAD", "OPTIONS", "M-SEARCH"};
  private static final String[] TARGETS = {
    "/", "/index.html", "/a%20b?q=1&r=&s", "http://example.org/x?y#z", "*", "/ünicode", "//x//"
  };
  private static final String[] SPACES = {"", " ", "  ", "\t", " \t "};
  private static final int[] STATUSES = {200, 201, 206, 301, 404, 500, 204, 304, 200, 200};

  private final SplittableRandom random;

  /** Its messages, one behind the other: those of the client, and those of the server. */
  final List<byte[]> requests = new ArrayList<>();

  final List<byte[]> responses = new ArrayList<>();

  /** How long contents are without their codings; -1 where there is none that was coded. */
  final List<Long> decoded = new ArrayList<>();

  private long lastDecoded;

  Dialogue(long seed) {
    this.random = new SplittableRandom(seed);
    var exchanges = 1 + random.nextInt(6);
    for (var i = 0; i < exchanges; i++) {
      exchange(i == exchanges - 1);
    }
  }

  /** Puts the messages of one side together. */
  static byte[] joined(List<byte[]> messages) {
    var all = new ByteArrayOutputStream();
    messages.forEach(all::writeBytes);
    return all.toByteArray();
  }

  private void exchange(boolean isLast) {
    var isToken = random.nextInt(8) == 0;
    var method = isToken ? token() : one(METHODS);
    requests.add(request(method));
    var response = new ByteArrayOutputStream();
    while (random.nextInt(6) == 0) {
      response.writeBytes(latin("HTTP/1.1 103 Early Hints\r\n" + headers() + "\r\n"));
    }
    response.writeBytes(response(method, isLast));
    responses.add(response.toByteArray());
    decoded.add(lastDecoded);
  }

  private byte[] request(String method) {
    var message = new ByteArrayOutputStream();
    var before = random.nextInt(5) == 0 ? "\r\n" : "";
    var hasContent = random.nextInt(3) == 0;
    var version = hasContent || random.nextBoolean() ? "HTTP/1.1" : "HTTP/1.0";
    message.writeBytes(latin(before + method + " " + one(TARGETS) + " " + version + "\r\n"));
    message.writeBytes(latin(headers()));
    if (hasContent) {
      content(message, false);
    } else {
      message.writeBytes(latin("\r\n"));
    }
    return message.toByteArray();
  }

  private byte[] response(String method, boolean isLast) {
    var message = new ByteArrayOutputStream();
    var status = STATUSES[random.nextInt(STATUSES.length)];
    message.writeBytes(latin("HTTP/1.1 " + status + " " + one(SPACES).strip() + "Reason it\r\n"));
    message.writeBytes(latin(headers()));
    lastDecoded = -1;
    if (status == 204 || status == 304 || method.equals("HEAD")) {
      var length = random.nextBoolean() ? "Content-Length: 77\r\n" : "";
      message.writeBytes(latin((status == 204 ? "" : length) + "\r\n"));
    } else {
      content(message, isLast);
    }
    return message.toByteArray();
  }

  /** Ends a head, and writes what follows it. */
  private void content(ByteArrayOutputStream message, boolean mayLastUntilTheClose) {
    var plain = new byte[random.nextInt(4) == 0 ? 0 : random.nextInt(3000)];
    for (var i = 0; i < plain.length; i++) {
      // Line feeds and few letters: lines of any kind, and something to compress.
      plain[i] = (byte) "HTTP/1.1 200 \r\n".charAt(random.nextInt(15));
    }
    var coded = coded(message, plain);
    if (mayLastUntilTheClose && random.nextBoolean()) {
      message.writeBytes(latin("\r\n"));
      message.writeBytes(coded);
    } else if (random.nextBoolean()) {
      message.writeBytes(latin(cased("Content-Length") + ":" + one(SPACES) + coded.length));
      message.writeBytes(latin(one(SPACES) + "\r\n\r\n"));
      message.writeBytes(coded);
    } else {
      message.writeBytes(latin(cased("Transfer-Encoding") + ": " + cased("chunked") + "\r\n\r\n"));
      chunks(message, coded);
    }
  }

  private byte[] coded(ByteArrayOutputStream message, byte[] plain) {
    var coding = random.nextInt(5);
    lastDecoded = coding < 3 ? plain.length : -1;
    return switch (coding) {
      case 0 -> {
        message.writeBytes(latin("Content-Encoding: " + cased("gzip") + "\r\n"));
        yield Coded.gzip(plain);
      }
      case 1 -> {
        message.writeBytes(latin("Content-Encoding: deflate\r\n"));
        yield Coded.deflate(plain, random.nextBoolean());
      }
      case 2 -> {
        message.writeBytes(latin("Content-Encoding: deflate\r\nContent-Encoding: x-gzip\r\n"));
        yield Coded.gzip(Coded.deflate(plain, random.nextBoolean()));
      }
      default -> plain;
    };
  }

  private void chunks(ByteArrayOutputStream message, byte[] content) {
    for (var at = 0; at < content.length; ) {
      var size = Math.min(content.length - at, 1 + random.nextInt(1000));
      var zeros = "0".repeat(random.nextInt(3));
      var hex = random.nextBoolean() ? Integer.toHexString(size) : "%X".formatted(size);
      message.writeBytes(latin(zeros + hex + extension() + "\r\n"));
      message.write(content, at, size);
      message.writeBytes(latin("\r\n"));
      at += size;
    }
    message.writeBytes(latin("0" + extension() + "\r\n"));
    for (var trailers = random.nextInt(3); trailers > 0; trailers--) {
      message.writeBytes(latin("X-Trailer: t\r\n"));
    }
    message.writeBytes(latin("\r\n"));
  }

  private String extension() {
    return switch (random.nextInt(6)) {
      case 0 -> ";name";
      case 1 -> ";name=\"a b\";x=1";
      case 2 -> " ;name";
      default -> "";
    };
  }

  private String headers() {
    var text = new StringBuilder();
    for (var i = random.nextInt(6); i > 0; i--) {
      var name = random.nextInt(3) == 0 ? cased("Content-Type") : "X-" + token();
      text.append(name).append(':').append(one(SPACES));
      text.append("value: of, \"it\" ").append(i).append(one(SPACES)).append("\r\n");
    }
    return text.toString();
  }

  private String token() {
    var text = new StringBuilder();
    for (var i = 1 + random.nextInt(20); i > 0; i--) {
      text.append(TOKEN.charAt(random.nextInt(TOKEN.length())));
    }
    return text.toString();
  }

  private String cased(String word) {
    var text = new StringBuilder();
    word.chars()
        .map(c -> random.nextBoolean() ? Character.toUpperCase(c) : Character.toLowerCase(c))
        .forEach(text::appendCodePoint);
    return text.toString();
  }

  private String one(String[] choices) {
    return choices[random.nextInt(choices.length)];
  }

  private static byte[] latin(String text) {
    return text.getBytes(ISO_8859_1);
  }
}
