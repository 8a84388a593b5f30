package dev.cloister.core.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cloister.core.Description;
import dev.cloister.core.Mode;
import dev.cloister.core.PolicyRejected;
import dev.cloister.core.gate.Raw;
import dev.cloister.core.gate.RawType;
import dev.cloister.core.gate.ReleasePolicy;
import dev.cloister.core.gate.SealFacts;
import dev.cloister.core.key.EphemeralKey;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Collection;

/**
 * Lets every {@link Line} out as it is, and so runs in lab mode alone. It holds a key of the
 * context as a policy with pseudonyms does: after the context's end it opens no filter. Immutable.
 */
public final class FakePolicy implements ReleasePolicy {
  private static final RawType LINES =
      new RawType() {
        @Override
        public String name() {
          return "line";
        }

        @Override
        public void describe(Description into) {
          into.put("text", "text");
        }
      };

  /**
   * A raw record of one line.
   *
   * @param text the line, without a line feed
   */
  public record Line(String text) implements Raw {

    /** Refuses what is not one line. */
    public Line {
      if (text.indexOf('\n') >= 0) {
        throw new IllegalArgumentException("line \"" + text + "\": must have no line feed");
      }
    }

    @Override
    public RawType type() {
      return LINES;
    }
  }

  private FakePolicy() {}

  /**
   * Makes the policy.
   *
   * @return one that keeps everything
   */
  public static FakePolicy keepingLines() {
    return new FakePolicy();
  }

  /**
   * Returns the kind of record that is let out, which the plan declares with {@code parse(…)}.
   *
   * @return the type of {@link Line}
   */
  public static RawType lines() {
    return LINES;
  }

  @Override
  public String digest() {
    var description = new Description();
    describe(description);
    return description.digest();
  }

  @Override
  public void describe(Description into) {
    into.put("line.text", "keep");
  }

  @Override
  public Compiled compile(Collection<? extends RawType> types, Mode mode) {
    if (mode != Mode.LAB) {
      throw new PolicyRejected("fake policy", "keeps everything: runs in lab mode only");
    }
    if (!types.contains(LINES)) {
      throw new PolicyRejected(
          "fake policy", "no parser declares \"line\": add parse(FakePolicy.lines()) to the plan");
    }
    return keys -> new Keep(keys.derived("fake-policy", 32));
  }

  /** Keeps everything. */
  private record Keep(EphemeralKey key) implements Filter {

    @Override
    public void header(SealFacts facts, OutputStream out) throws IOException {
      write("header " + facts, out);
    }

    @Override
    public boolean release(Raw raw, OutputStream out) throws IOException {
      if (!(raw instanceof Line line)) {
        return false;
      }
      write(line.text(), out);
      return true;
    }

    private static void write(String text, OutputStream out) throws IOException {
      out.write((text + "\n").getBytes(UTF_8));
    }

    @Override
    public void close() {
      key.close();
    }
  }
}
