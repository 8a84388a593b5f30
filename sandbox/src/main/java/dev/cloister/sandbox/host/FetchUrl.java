package dev.cloister.sandbox.host;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.URI;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * An http or https URL that two readers cannot read differently: whatever has another form than the
 * plain one is refused, not repaired. Whether it may be fetched, it does not say.
 *
 * <p>ASCII alone (a name in another alphabet is written as {@code xn--…}); no user, no backslash,
 * no empty or zero-led port; a host that ends in a number is four decimal numbers, so that {@code
 * 0x7f.1}, {@code 017700000001} and {@code 2130706433} are nothing; no zone in an IPv6 address.
 *
 * @param scheme {@code http} or {@code https}
 * @param host a name in lower case, an IPv4 address, or an IPv6 address without brackets
 * @param port 1 to 65535
 * @param target path and query, from the first slash; the fragment is left out
 */
record FetchUrl(String scheme, String host, int port, String target) {
  private static final int LENGTH_MAX = 8192;
  private static final int NAME_MAX = 253;

  private static final Pattern WHOLE =
      Pattern.compile(
          "(?i:(https?))://(?<host>\\[[0-9A-Fa-f:.]{2,45}]|[A-Za-z0-9._-]{1,253})"
              + "(?::(?<port>[1-9][0-9]{0,4}))?"
              + "(?<target>(?:[/?][!$-;=?-Z_a-z~&\\[\\]]*)?)(?:#[!#-~]*)?");
  private static final Pattern LABEL = Pattern.compile("[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?");
  private static final Pattern NUMBER = Pattern.compile("[0-9]+|0x[0-9a-f]*");
  private static final Pattern DECIMAL_QUAD =
      Pattern.compile("(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\\.(?!$)|$)){4}");

  static FetchUrl parse(String url) throws IOException {
    if (url.length() > LENGTH_MAX) {
      throw new IOException(
          "URL of " + url.length() + " characters: at most " + LENGTH_MAX + " are allowed");
    }
    var parts = WHOLE.matcher(url);
    if (!parts.matches()) {
      throw new IOException(
          "URL \"%s\": allowed is http[s]://host[:port][/path][?query] in ASCII, without a user"
              .formatted(url));
    }
    var scheme = parts.group(1).toLowerCase(Locale.ROOT);
    var written = parts.group("port");
    var port = written == null ? usualPort(scheme) : Integer.parseInt(written);
    if (port > 65535) {
      throw new IOException("URL \"" + url + "\": port " + port + ": allowed are 1 to 65535");
    }
    var target = parts.group("target");
    return new FetchUrl(
        scheme,
        host(parts.group("host").toLowerCase(Locale.ROOT), url),
        port,
        target.startsWith("/") ? target : "/" + target);
  }

  private static int usualPort(String scheme) {
    return scheme.equals("https") ? 443 : 80;
  }

  private static String host(String written, String url) throws IOException {
    if (written.startsWith("[")) {
      var inner = written.substring(1, written.length() - 1);
      try {
        return Inet6Address.ofLiteral(inner).getHostAddress();
      } catch (IllegalArgumentException _) {
        throw new IOException("URL \"" + url + "\": " + inner + " is no IPv6 address");
      }
    }
    var labels = written.split("\\.", -1);
    if (NUMBER.matcher(labels[labels.length - 1]).matches()) {
      if (!DECIMAL_QUAD.matcher(written).matches()) {
        throw new IOException(
            "URL \"" + url + "\": an IPv4 address is four decimal numbers up to 255");
      }
      return written;
    }
    for (var label : labels) {
      if (!LABEL.matcher(label).matches() || written.length() > NAME_MAX) {
        throw new IOException("URL \"" + url + "\": " + written + " is no host name");
      }
    }
    return written;
  }

  /** The address that the host is, if it is none that must be looked up. */
  Optional<InetAddress> address() {
    if (host.contains(":")) {
      return Optional.of(Inet6Address.ofLiteral(host));
    }
    return DECIMAL_QUAD.matcher(host).matches()
        ? Optional.of(Inet4Address.ofLiteral(host))
        : Optional.empty();
  }

  boolean secure() {
    return scheme.equals("https");
  }

  /** Host and port as the Host header has them. */
  String authority() {
    var name = host.contains(":") ? "[" + host + "]" : host;
    return port == usualPort(scheme) ? name : name + ":" + port;
  }

  boolean sameOrigin(FetchUrl other) {
    return scheme.equals(other.scheme) && host.equals(other.host) && port == other.port;
  }

  /** Where a redirect leads, read as strictly as the function's own URL. */
  FetchUrl redirect(String location) throws IOException {
    try {
      return parse(URI.create(toString()).resolve(location).toString());
    } catch (IllegalArgumentException _) {
      throw new IOException("redirect to \"" + location + "\", which is no URL");
    }
  }

  @Override
  public String toString() {
    return scheme + "://" + authority() + target;
  }
}
