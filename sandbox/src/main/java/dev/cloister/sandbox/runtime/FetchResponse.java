package dev.cloister.sandbox.runtime;

import dev.cloister.sandbox.runtime.FetchRequest.Header;
import java.util.List;

/** What a server answered, whole. Immutable but for the body's bytes. */
public final class FetchResponse {
  private final int status;
  private final List<Header> headers;
  private final byte[] body;

  /**
   * Takes an answer.
   *
   * @param status the status code
   * @param headers names and values, in order
   * @param body the body; it is not copied
   */
  public FetchResponse(int status, List<Header> headers, byte[] body) {
    this.status = status;
    this.headers = List.copyOf(headers);
    this.body = body;
  }

  /**
   * Returns the status.
   *
   * @return the status code
   */
  public int status() {
    return status;
  }

  /**
   * Returns the headers.
   *
   * @return in the server's order
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
