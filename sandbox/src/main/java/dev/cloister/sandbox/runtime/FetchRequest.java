package dev.cloister.sandbox.runtime;

import java.util.List;

/** What a function wants fetched; nothing in it is trusted. Immutable but for the body's bytes. */
public final class FetchRequest {
  private final String url;
  private final String method;
  private final List<Header> headers;
  private final byte[] body;

  /**
   * One header.
   *
   * @param name its name
   * @param value its value
   */
  public record Header(String name, String value) {}

  /**
   * Asks for a page.
   *
   * @param url an absolute http or https URL
   * @param method such as {@code GET}
   * @param headers names and values, in order
   * @param body the request's body, empty for none; it is not copied
   */
  public FetchRequest(String url, String method, List<Header> headers, byte[] body) {
    this.url = url;
    this.method = method;
    this.headers = List.copyOf(headers);
    this.body = body;
  }

  /**
   * Returns where.
   *
   * @return the URL, as the function wrote it
   */
  public String url() {
    return url;
  }

  /**
   * Returns how.
   *
   * @return the method, as the function wrote it
   */
  public String method() {
    return method;
  }

  /**
   * Returns the headers.
   *
   * @return in the function's order
   */
  public List<Header> headers() {
    return headers;
  }

  /**
   * Returns the body.
   *
   * @return its bytes, not a copy
   */
  public byte[] body() {
    return body;
  }
}
