package dev.cloister.tracing.anonymize;

import dev.cloister.core.Description;
import dev.cloister.core.Mode;
import dev.cloister.core.PolicyRejected;
import dev.cloister.core.gate.RawType;
import dev.cloister.core.gate.ReleasePolicy;
import dev.cloister.core.policy.Document;
import dev.cloister.core.policy.Node;
import dev.cloister.tracing.record.Field;
import dev.cloister.tracing.record.FieldType;
import dev.cloister.tracing.record.Schema;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * A release policy for records: a transform for each field that may go out, and nothing for any
 * other. It guarantees that no field leaves that it does not name; that what leaves tells nothing
 * more, it does not. Immutable.
 *
 * <p>The document has {@code version: 1} and {@code fields}, a mapping from a field's full path to
 * one transform. With {@code mode: lab} it is taken in lab mode alone. Each field has a key of its
 * own, so equal values in two fields have different names.
 */
public final class AnonymizationPolicy implements ReleasePolicy {
  private final String name;
  private final String digest;

  /** Where the policy says that it is for labs; nothing when it is for all. */
  private final Optional<Node> labs;

  private final Map<String, Rule> rules;

  /** What a policy asks of one field, and where. */
  private record Rule(Node node, Transform transform) {}

  private AnonymizationPolicy(
      String name, String digest, Optional<Node> labs, Map<String, Rule> rules) {
    this.name = name;
    this.digest = digest;
    this.labs = labs;
    this.rules = Collections.unmodifiableMap(rules);
  }

  /**
   * Reads a policy.
   *
   * @param file YAML, or JSON when its name ends in {@code .json}
   * @return the policy; which fields there are is checked when it is compiled
   * @throws PolicyRejected when it is not a policy, with the place
   * @throws IOException when the file cannot be read
   */
  public static AnonymizationPolicy load(Path file) throws IOException {
    return of(String.valueOf(file.getFileName()), Document.read(file));
  }

  /**
   * Reads a policy from text.
   *
   * @param name what errors call it; JSON when it ends in {@code .json}, YAML otherwise
   * @param text the document
   * @return the policy; which fields there are is checked when it is compiled
   * @throws PolicyRejected when it is not a policy, with the place
   */
  public static AnonymizationPolicy parse(String name, String text) {
    return of(name, Document.parse(name, text));
  }

  private static AnonymizationPolicy of(String name, Document document) {
    var root = document.root().only(Set.of("version", "mode", "fields"));
    root.required("version").integer(1, 1);
    var mode = root.optional("mode");
    if (mode.isPresent() && !mode.get().text().equals(Mode.LAB.label())) {
      throw mode.get().rejected("mode \"" + Node.shown(mode.get().text()) + "\": allowed is lab");
    }
    var rules = new LinkedHashMap<String, Rule>();
    for (var member : root.required("fields").members().entrySet()) {
      rules.put(member.getKey(), rule(member.getValue()));
    }
    return new AnonymizationPolicy(name, document.digest(), mode, rules);
  }

  private static Rule rule(Node node) {
    return new Rule(node, Transform.of(node));
  }

  /**
   * Lists the transforms that a field can be asked for.
   *
   * @param type what the field holds
   * @return as they stand in a policy, separated by commas
   */
  public static String transformsOf(FieldType type) {
    return Transform.allowed(type);
  }

  @Override
  public String digest() {
    return digest;
  }

  @Override
  public void describe(Description into) {
    into.put("digest", digest);
    for (var rule : new TreeMap<>(rules).entrySet()) {
      into.section("field").put(rule.getKey(), rule.getValue().transform());
    }
  }

  @Override
  public Compiled compile(Collection<? extends RawType> types, Mode mode) {
    if (labs.isPresent() && mode != Mode.LAB) {
      throw labs.get()
          .rejected(
              "mode \"lab\": this policy is taken in lab mode alone: take another, or run in lab"
                  + " mode");
    }
    var fields = new LinkedHashMap<String, Field>();
    for (var type : types) {
      if (type instanceof Schema schema) {
        schema.fields().forEach(field -> fields.put(field.fullPath(), field));
      }
    }
    for (var rule : rules.entrySet()) {
      check(fields, rule.getKey(), rule.getValue());
    }
    var plans = new LinkedHashMap<RawType, List<FieldPlan>>();
    for (var type : types) {
      plans.put(type, type instanceof Schema schema ? plan(schema) : List.of());
    }
    return new CompiledPolicy(plans);
  }

  private void check(Map<String, Field> fields, String path, Rule rule) {
    var field = fields.get(path);
    if (field == null) {
      throw rule.node()
          .rejected(
              "unknown field \"%s\"%s"
                  .formatted(Node.shown(path), Similar.hint(Node.shown(path), fields.keySet())));
    }
    if (!rule.transform().word().takes(field.type())) {
      throw rule.node()
          .rejected(
              "transform \"%s\" does not fit a field of type %s: allowed are %s"
                  .formatted(
                      rule.transform().word().usage(),
                      field.type().label(),
                      Transform.allowed(field.type())));
    }
  }

  private List<FieldPlan> plan(Schema schema) {
    var plan = new ArrayList<FieldPlan>();
    for (var field : schema.fields()) {
      var rule = rules.get(field.fullPath());
      if (rule != null && !(rule.transform() instanceof Transform.Drop)) {
        plan.add(new FieldPlan(field, rule.transform()));
      }
    }
    return plan;
  }

  /**
   * Names the policy.
   *
   * @return for people
   */
  @Override
  public String toString() {
    return "AnonymizationPolicy[" + name + ", " + digest + "]";
  }
}
