package dev.cloister.tor.function;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLDecoder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What whoever shows a document would fetch by itself, read by other rules than the packer's: each
 * attribute of each tag but links that are clicked, each url and import of each style, and all that
 * again in what is embedded.
 */
final class Fetching {
  private static final Pattern TAG =
      Pattern.compile("<([a-zA-Z][^\\s/>]*)((?:[^>\"']|\"[^\"]*\"|'[^']*')*)>");
  private static final Pattern ATTRIBUTE =
      Pattern.compile("([^\\s=/\"']+)\\s*=\\s*(\"[^\"]*\"|'[^']*'|[^\\s>]+)");
  private static final Pattern STYLE =
      Pattern.compile("url\\(\\s*[\"']?([^\"')]*)|@import\\s+[\"']([^\"']*)");
  private static final Pattern STYLE_ELEMENT = Pattern.compile("(?s)<style[^>]*>(.*?)</style>");
  private static final Set<String> CLICKED = Set.of("a", "area", "form");

  private final List<String> outside = new ArrayList<>();
  private final List<String> embedded = new ArrayList<>();

  private Fetching() {}

  static Fetching of(String document) {
    var found = new Fetching();
    found.document(document);
    return found;
  }

  /** Whatever is neither embedded nor a place in the document itself. */
  List<String> outside() {
    return outside;
  }

  /** The texts of what is embedded, at any depth. */
  List<String> embedded() {
    return embedded;
  }

  private void document(String html) {
    var tags = TAG.matcher(html);
    while (tags.find()) {
      var name = tags.group(1);
      if (name.equals("base") || (name.equals("meta") && tags.group(2).contains("refresh"))) {
        outside.add(tags.group());
      }
      var attributes = ATTRIBUTE.matcher(tags.group(2));
      while (attributes.find()) {
        attribute(name, attributes.group(1), unquoted(attributes.group(2)));
      }
    }
    var styles = STYLE_ELEMENT.matcher(html);
    while (styles.find()) {
      style(styles.group(1));
    }
  }

  private void attribute(String tag, String name, String value) {
    switch (name) {
      case "srcdoc" -> document(value);
      case "style" -> style(value);
      case "ping", "manifest" -> outside.add(value);
      default -> {
        if (!value.startsWith("data:")) {
          style(value);
        }
        if (!CLICKED.contains(tag)
            && (value.matches("(?s)\\s*(https?:)?//.*")
                || Set.of("src", "srcset", "href", "xlink:href", "data", "poster", "background")
                    .contains(name))) {
          target(value);
        }
      }
    }
  }

  private void style(String css) {
    var urls = STYLE.matcher(css);
    while (urls.find()) {
      target(urls.group(1) != null ? urls.group(1) : urls.group(2));
    }
  }

  private void target(String url) {
    if (url.startsWith("#")) {
      return;
    }
    if (!url.startsWith("data:")) {
      outside.add(url);
      return;
    }
    var comma = url.indexOf(',');
    var content = text(url.substring(0, comma), url.substring(comma + 1));
    embedded.add(content);
    if (url.startsWith("data:text/css")) {
      style(content);
    } else if (url.startsWith("data:text/html")) {
      document(content);
    }
  }

  private static String text(String head, String content) {
    var bare = content.replaceFirst("#.*", "");
    return head.endsWith(";base64")
        ? new String(Base64.getDecoder().decode(bare), UTF_8)
        : URLDecoder.decode(bare.replace("+", "%2B"), UTF_8);
  }

  private static String unquoted(String value) {
    var bare = value.replaceAll("^[\"']|[\"']$", "");
    return bare.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#x27;", "'")
        .replace("&amp;", "&");
  }
}
