package dev.cloister.tracing.record;

/** One field of a {@link Schema}; made by it alone, and compared by identity. Immutable. */
public final class Field {
  private final String schema;
  private final String path;
  private final FieldType type;
  private final String meaning;
  private final int index;

  Field(String schema, String path, FieldType type, String meaning, int index) {
    this.schema = schema;
    this.path = path;
    this.type = type;
    this.meaning = meaning;
    this.index = index;
  }

  /**
   * Returns the field's place in a record of its kind.
   *
   * @return words with dots, such as {@code request.method}
   */
  public String path() {
    return path;
  }

  /**
   * Returns the field's place among all records, which is its name in a policy.
   *
   * @return such as {@code http.request.method}
   */
  public String fullPath() {
    return schema + "." + path;
  }

  /**
   * Returns what the field holds.
   *
   * @return its type
   */
  public FieldType type() {
    return type;
  }

  /**
   * Returns what the field says, for people.
   *
   * @return a phrase
   */
  public String meaning() {
    return meaning;
  }

  /**
   * Returns the field's place among the fields of its schema.
   *
   * @return from 0, in the order of declaration
   */
  public int index() {
    return index;
  }

  /**
   * Names the field.
   *
   * @return its full path
   */
  @Override
  public String toString() {
    return fullPath();
  }
}
