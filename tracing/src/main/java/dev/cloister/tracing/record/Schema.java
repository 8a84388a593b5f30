package dev.cloister.tracing.record;

import dev.cloister.core.Description;
import dev.cloister.core.gate.RawType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a kind of record may hold, declared before the seal. Fields that are nested alike stand
 * together. Immutable.
 */
public final class Schema implements RawType {
  private final String name;
  private final Map<String, Field> fields;

  private Schema(String name, Map<String, Field> fields) {
    this.name = name;
    this.fields = Collections.unmodifiableMap(fields);
  }

  /**
   * Starts a schema.
   *
   * @param name lower-case letters, which no other schema of a plan has
   * @return a builder
   */
  public static Builder named(String name) {
    return new Builder(name);
  }

  /** Gathers fields; not safe for use by many threads. */
  public static final class Builder {
    private final String name;
    private final Map<String, Field> fields = new LinkedHashMap<>();

    private Builder(String name) {
      if (!name.matches("[a-z]+")) {
        throw new IllegalArgumentException("schema \"" + name + "\": only a-z are allowed");
      }
      if (name.equals("header")) {
        throw new IllegalArgumentException(
            "schema \"header\": the first line of a trace has that name");
      }
      this.name = name;
    }

    /**
     * Adds a field.
     *
     * @param path words with dots; what stands before the last dot is the object it is nested in
     * @param type what it holds
     * @param meaning what it says, in a phrase
     * @return the field
     */
    public Field field(String path, FieldType type, String meaning) {
      if (!path.matches("[a-z][A-Za-z0-9]*(\\.[a-z][A-Za-z0-9]*)?")) {
        throw new IllegalArgumentException(
            "field \"" + path + "\": allowed are a word, or two with a dot");
      }
      if (path.matches("(record|flow)(\\..*)?")) {
        throw new IllegalArgumentException(
            "field \"" + path + "\": every record has \"record\" and \"flow\" already");
      }
      var field = new Field(name, path, type, meaning, fields.size());
      if (fields.putIfAbsent(path, field) != null) {
        throw new IllegalArgumentException("field \"" + path + "\" stands twice");
      }
      return field;
    }

    /**
     * Ends the schema.
     *
     * @return what was gathered
     */
    public Schema build() {
      var groups = new ArrayList<String>();
      for (var path : fields.keySet()) {
        var dot = path.indexOf('.');
        var group = dot < 0 ? "" : path.substring(0, dot);
        if (!group.isEmpty() && groups.contains(group) && !groups.getLast().equals(group)) {
          throw new IllegalArgumentException(
              "field \"" + path + "\" must stand beside the others of \"" + group + "\"");
        }
        if (fields.containsKey(group)) {
          throw new IllegalArgumentException(
              "field \"" + group + "\" is an object too: name one of them otherwise");
        }
        groups.add(group);
      }
      return new Schema(name, new LinkedHashMap<>(fields));
    }
  }

  @Override
  public String name() {
    return name;
  }

  /**
   * Returns the fields.
   *
   * @return in the order of declaration
   */
  public List<Field> fields() {
    return List.copyOf(fields.values());
  }

  /**
   * Finds a field.
   *
   * @param path its path in a record of this kind
   * @return the field, if there is one
   */
  public Optional<Field> field(String path) {
    return Optional.ofNullable(fields.get(path));
  }

  /**
   * Makes an empty record.
   *
   * @return a record of this kind
   */
  public RawRecord newRecord() {
    return new RawRecord(this, fields.size());
  }

  @Override
  public void describe(Description into) {
    for (var field : fields.values()) {
      into.put(field.path(), field.type().label());
    }
  }

  /**
   * Names the schema.
   *
   * @return for people
   */
  @Override
  public String toString() {
    return "Schema[" + name + ", " + fields.size() + " fields]";
  }
}
