package dev.cloister.core.gate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a user cannot even write: each refusal by the compiler, beside what it lets pass. */
final class CompilationTest {
  @TempDir private Path directory;

  /** Compiles a user's class; returns the compiler's errors, by their keys and not their words. */
  private String errors(String statement, String implemented)
      throws IOException, URISyntaxException {
    var source = directory.resolve("User.java");
    Files.writeString(
        source,
        """
        import dev.cloister.core.gate.*;
        import dev.cloister.core.key.*;

        class User {
          void use(Egress egress, ReleaseBatch batch, Raw raw, byte[] bytes, EphemeralKey key)
              throws java.io.IOException {
            %s
          }

          abstract static class Own implements %s {}
        }
        """
            .formatted(statement, implemented));
    var classes =
        Path.of(Released.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    var said = new StringWriter();
    var out = new PrintWriter(said);
    var javac = ToolProvider.findFirst("javac").orElseThrow();
    var status =
        javac.run(
            out,
            out,
            "-XDrawDiagnostics",
            "-proc:none",
            "-d",
            directory.toString(),
            "--class-path",
            classes.toString(),
            source.toString());
    return status == 0 ? "" : said.toString();
  }

  @Test
  void whatThePolicyReleasedIsTaken() throws IOException, URISyntaxException {
    var statements =
        """
        egress.push(batch.take());
        batch.add(raw);
        key.use(SecretAccess.granted(), java.util.Arrays::hashCode);
        """;
    assertThat(errors(statements, "Exchange")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "egress.push(raw);, Raw",
    "egress.push(bytes);, byte[]",
    "egress.push(batch);, ReleaseBatch",
    "egress.push(new String(bytes));, String",
  })
  void aRawRecordCannotBeGivenToAnEgress(String statement, String type)
      throws IOException, URISyntaxException {
    assertThat(errors(statement, "Exchange"))
        .contains("User.java:7:", "compiler.err.cant.apply.symbol: kindname.method, push")
        .contains("Released", type)
        .contains("compiler.misc.inconvertible.types");
  }

  @Test
  void nobodyElseMakesReleasedLines() throws IOException, URISyntaxException {
    assertThat(errors("new Released(null, null, bytes, 1);", "Exchange"))
        .contains("compiler.err.not.def.public");
    assertThat(errors("new Released(null, null, bytes, 1) {};", "Exchange"))
        .contains("compiler.err.cant.inherit.from.final");
  }

  @ParameterizedTest
  @CsvSource({"Ingress", "Egress", "Exchange", "Annex", "Store"})
  void aUserWritesGatesOfTheFourKindsAndStores(String kind) throws IOException, URISyntaxException {
    assertThat(errors("", kind)).isEmpty();
  }

  @Test
  void aFifthKindOfGateCannotBeWritten() throws IOException, URISyntaxException {
    assertThat(errors("", "Gate")).contains("compiler.err.cant.inherit.from.sealed");
  }

  @Test
  void keyBytesNeedTheTokenThatCanBeSearchedFor() throws IOException, URISyntaxException {
    assertThat(errors("key.use(java.util.Arrays::hashCode);", "Exchange"))
        .contains("compiler.err.cant.apply.symbol: kindname.method, use");
    assertThat(errors("new SecretAccess();", "Exchange")).contains("compiler.err.report.access");
  }
}
