package dev.cloister.tracing.testing;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;

/** The messages of {@link HttpTraffic}, one at a time. Not safe for use by many threads. */
final class HttpMessages {
  /** A content is no longer than this. */
  static final int TEXT_BYTES = 1 << 20;

  private static final int CHUNK_BYTES = 1000;

  private final SplittableRandom random;
  private final int meanBodyBytes;
  private final byte[] text = new byte[TEXT_BYTES];
  private final byte[] message = new byte[2 * TEXT_BYTES];

  HttpMessages(SplittableRandom random, int meanBodyBytes) {
    this.random = random;
    this.meanBodyBytes = meanBodyBytes;
    var phrase = "<p>lorem ipsum dolor sit amet</p>\n".getBytes(StandardCharsets.US_ASCII);
    for (var i = 0; i < text.length; i++) {
      text[i] = phrase[random.nextInt(phrase.length)];
    }
  }

  /** Returns the array that the last message begins in; the methods return how long it is. */
  byte[] bytes() {
    return message;
  }

  private int head(String head) {
    var bytes = head.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(bytes, 0, message, 0, bytes.length);
    return bytes.length;
  }

  private static String common(int user, int number) {
    return "Host: mail%d.example.com\r\n".formatted(user % 8)
        + "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/115.0\r\n"
        + "Cookie: sid=%08x%08x; user=user%d\r\n".formatted(user * 31, number, user)
        + "Referer: http://mail.example.com/inbox\r\n";
  }

  int get(int user, int number) {
    return head(
        "GET /mail/read?u=%d&msg=%d HTTP/1.1\r\n".formatted(user, number & 0x7fffffff)
            + common(user, number)
            + "Accept: text/html,*/*;q=0.8\r\nAccept-Language: en-US\r\n\r\n");
  }

  int post(int user, int number) {
    var form = "to=user%d%%40example.org&subject=%d&body=".formatted(user, number & 0x7fffffff);
    var bodyBytes = 100 + random.nextInt(700);
    var at =
        head(
            "POST /mail/compose?u=%d HTTP/1.1\r\n".formatted(user)
                + common(user, number)
                + "Content-Type: application/x-www-form-urlencoded\r\n"
                + "Content-Length: %d\r\n\r\n".formatted(form.length() + bodyBytes)
                + form);
    Arrays.fill(message, at, at + bodyBytes, (byte) 'x');
    return at + bodyBytes;
  }

  private int bodyBytes() {
    return 1 + random.nextInt(2 * meanBodyBytes);
  }

  int counted(int number) {
    var length = bodyBytes();
    var at =
        head(
            "HTTP/1.1 200 OK\r\nServer: generated/1\r\nContent-Type: text/html; charset=utf-8\r\n"
                + "Set-Cookie: sid=%08x\r\nContent-Length: %d\r\n\r\n".formatted(number, length));
    System.arraycopy(text, random.nextInt(TEXT_BYTES - length), message, at, length);
    return at + length;
  }

  int chunked() {
    var left = bodyBytes();
    var from = random.nextInt(TEXT_BYTES - left);
    var at =
        head(
            """
            HTTP/1.1 200 OK\r
            Server: generated/1\r
            Content-Type: text/html; charset=utf-8\r
            Transfer-Encoding: chunked\r
            \r
            """);
    while (left > 0) {
      var piece = Math.min(CHUNK_BYTES, left);
      at = put(at, Integer.toHexString(piece) + "\r\n");
      System.arraycopy(text, from, message, at, piece);
      at = put(at + piece, "\r\n");
      from += piece;
      left -= piece;
    }
    return put(at, "0\r\n\r\n");
  }

  private int put(int at, String ascii) {
    var bytes = ascii.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(bytes, 0, message, at, bytes.length);
    return at + bytes.length;
  }
}
