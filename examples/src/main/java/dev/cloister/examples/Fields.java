package dev.cloister.examples;

import dev.cloister.tracing.anonymize.AnonymizationPolicy;
import dev.cloister.tracing.http.Http;
import dev.cloister.tracing.record.FieldType;
import dev.cloister.tracing.record.Schema;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Lists every field that a policy can name, from the schemas themselves. */
@Command(
    name = "Fields",
    description = "Prints examples/policies/fields.md: every field, its type and its transforms.",
    sortOptions = false)
final class Fields implements Callable<Integer> {
  private static final String HEAD =
      """
      # The fields of a policy

      A policy is a YAML document (or JSON, in a file whose name ends in `.json`):

      ```yaml
      version: 1
      fields:
        http.request.method: keep
        http.client.address: {truncate: 24}
      ```

      `fields` maps a field's path to one transform. A field that no policy names is dropped. An unknown
      path, an unknown transform, or one that does not fit the field's type is an error. With `mode: lab`
      beside `version` a policy is taken in lab mode alone.

      This page is made from the schemas: `mvn -q -Drun=Fields > examples/policies/fields.md`.

      ## Transforms

      | transform | what comes out |
      |---|---|
      | `keep` | the value as it is |
      | `drop` | nothing |
      | `prefix-preserving` | another address; two addresses share as many first bits as their pseudonyms do (ipcrypt-pfx) |
      | `{hash: BYTES}` | 4 to 32 bytes of HMAC-SHA256 in hex: equal values are equal, and only the key could tell which |
      | `{truncate: BITS}` | the first BITS bits of the address, of either version, and zeros |
      | `{bucket: SIZE}` | the number rounded down to a multiple of SIZE; for times SIZE is in microseconds |
      | `{constant: VALUE}` | VALUE |
      | `{shift: random}` | the time moved by one random amount, the same for all times of a trace, up to five years |
      | `port-class` | `system` (0-1023), `user` (1024-49151) or `dynamic`, RFC 6335 |
      | `{url: [PART, …]}` | an object with the parts that are listed and that the URL has: `scheme`, `host`, `host-hash`, `port`, `path`, `path-depth`, `path-hash`, `extension`, `query`, `query-names`, `query-count`, `query-hash`; in it they are named in camel case, hashes are of 8 bytes |

      Keys are made when the trace begins, one for each field, and die with it: equal values in two fields
      have different pseudonyms, and so have equal values in two traces.

      Times come out in microseconds since 1970-01-01T00:00:00Z. Text comes out as UTF-8 where it is, else
      as ISO 8859-1.

      Every record has `record` (its kind) and `flow` (the number of its connection, from 0) besides; no
      policy names them.
      """;

  private static final String FOOT =
      """

      ## The lines of a trace

      The first line of `trace.jsonl` is the header: `record`, `format`, `mode`, `name`, `context`,
      `publicKey` (Ed25519, hex), `measurement` and `policyDigest` (SHA-256, hex), `waivers`.

      A line of `heartbeats.jsonl` is `{"payload","signature"}`. The payload has `sequence`, from 0;
      `previous`, the SHA-256 (hex) of the line before without its line feed, or 64 zeros; `started` and
      `now`; `counters`; `output` with `first`, `last` and `sha256`: lines of `trace.jsonl`, counted from
      1, the header being the first, and the digest of their bytes, each with its line feed (`last` is
      `first - 1` where there are none); and `event`. The first has `publicKey`, `agreementKey`,
      `measurement` and `context` besides.
      """;

  @SuppressWarnings("unused") // picocli acts on it
  @Option(names = "--help", usageHelp = true, description = "print this and exit (default: off)")
  private boolean help;

  Fields() {}

  /** Runs the example. */
  static void main(String[] args) {
    System.exit(Example.run(new Fields(), args));
  }

  @Override
  public Integer call() {
    IO.print(text());
    return Example.OK;
  }

  static String text() {
    var text = new StringBuilder(HEAD);
    for (var schema : List.of(Http.schema())) {
      append(text, schema);
    }
    text.append("\n## Which transforms a type takes\n\n| type | transforms |\n|---|---|\n");
    for (var type : FieldType.values()) {
      text.append("| ").append(type.label()).append(" | `");
      text.append(
          AnonymizationPolicy.transformsOf(type)
              .replace(", ", "`, `")
              .replace("[PART`, `…]", "[PART, …]"));
      text.append("` |\n");
    }
    return text.append(FOOT).toString();
  }

  private static void append(StringBuilder text, Schema schema) {
    text.append("\n## ").append(schema.name()).append("\n\n");
    text.append("| path | type | what it says |\n|---|---|---|\n");
    for (var field : schema.fields()) {
      text.append("| `").append(field.fullPath()).append("` | ");
      text.append(field.type().label()).append(" | ").append(field.meaning()).append(" |\n");
    }
  }
}
