package dev.cloister.core;

/** A policy, or another document of the operator, is not one that can be held to. */
public final class PolicyRejected extends CloisterException {
  private static final long serialVersionUID = 1L;

  /** Where the fault is. */
  private final String location;

  /**
   * Says where and what.
   *
   * @param location file, line and path inside the document, such as {@code http.yaml:7
   *     fields.http.request.method}
   * @param fault the value, what is allowed, and what to do
   */
  public PolicyRejected(String location, String fault) {
    super(location + ": " + fault);
    this.location = location;
  }

  /**
   * Returns where the fault is.
   *
   * @return file, line and path inside the document, as far as they are known
   */
  public String location() {
    return location;
  }
}
