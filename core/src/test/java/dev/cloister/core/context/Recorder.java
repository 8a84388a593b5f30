package dev.cloister.core.context;

import dev.cloister.core.Description;
import dev.cloister.core.Mode;
import dev.cloister.core.gate.Declaration;
import dev.cloister.core.gate.Ingress;
import dev.cloister.core.gate.Opening;
import dev.cloister.core.gate.Part;
import dev.cloister.core.gate.Raw;
import dev.cloister.core.gate.RawType;
import dev.cloister.core.gate.ReleasePolicy;
import dev.cloister.core.gate.SealFacts;
import dev.cloister.core.gate.Store;
import dev.cloister.core.key.SecretMemory;
import dev.cloister.core.ledger.Counter;
import dev.cloister.core.posture.Posture.Finding;
import dev.cloister.core.process.Host;
import dev.cloister.core.process.ProcessSeal;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Everything a plan declares, each writing down when it was asked for what, and failing on wish.
 */
final class Recorder {
  /** What happened, in order, such as {@code open in}. */
  final List<String> steps = new ArrayList<>();

  private final Map<String, Exception> failures = new HashMap<>();
  private final Map<String, Error> errors = new HashMap<>();

  /** What the host finds, changed by the test as it likes. */
  final List<Finding> hostFindings = new ArrayList<>();

  /** What the process seal says that it will reach. */
  final List<Finding> sealProspect = new ArrayList<>();

  /** What the process seal finds once it has hardened. */
  final List<Finding> sealFindings = new ArrayList<>();

  /** What the store finds. */
  final List<Finding> storeFindings = new ArrayList<>();

  /** Makes a step fail, such as {@code open in}. */
  Recorder failing(String step, Exception with) {
    failures.put(step, with);
    return this;
  }

  Recorder failing(String step, Error with) {
    errors.put(step, with);
    return this;
  }

  private void stepUnchecked(String step) {
    try {
      step(step);
    } catch (IOException e) {
      throw new IllegalStateException("the test made " + step + " fail in a way it cannot", e);
    }
  }

  private void step(String step) throws IOException {
    steps.add(step);
    var error = errors.get(step);
    if (error != null) {
      throw error;
    }
    switch (failures.get(step)) {
      case null -> {}
      case IOException e -> throw e;
      case RuntimeException e -> throw e;
      case Exception e -> throw new IllegalStateException(e);
    }
  }

  /** A counter of the ingress. */
  enum Counted implements Counter {
    RECEIVED;

    @Override
    public String label() {
      return "received";
    }
  }

  private final class Open implements Ingress, Store {
    private final String name;

    Open(String name) {
      this.name = name;
    }

    @Override
    public void stop() {
      stepUnchecked("stop " + name);
    }

    @Override
    public void close() throws IOException {
      step("close " + name);
    }
  }

  private <T extends Part> Declaration<T> declared(
      String name, List<Finding> findings, Opener<T> opener) {
    return new Declaration<>() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public void describe(Description into) {
        stepUnchecked("describe " + name);
        into.put("of", "the recorder");
      }

      @Override
      public Collection<? extends Counter> counters() {
        return name.equals("in") ? List.of(Counted.RECEIVED) : List.of();
      }

      @Override
      public List<Finding> probe() throws IOException {
        step("probe " + name);
        return findings;
      }

      @Override
      public boolean runsIn(Mode mode) {
        return !name.equals("live") || mode == Mode.SEALED;
      }

      @Override
      public T open(Opening opening) throws IOException {
        step("open " + name);
        return opener.open(opening);
      }
    };
  }

  /** How a part is opened. */
  interface Opener<T> {
    T open(Opening opening) throws IOException;
  }

  Declaration<Ingress> ingress(String name) {
    return declared(name, List.of(), _ -> new Open(name));
  }

  Declaration<Ingress> ingress(String name, Opener<Ingress> opener) {
    return declared(name, List.of(), opener);
  }

  Declaration<Store> store(String name) {
    return declared(name, storeFindings, _ -> new Open(name));
  }

  Host host() {
    return new Host() {
      @Override
      public SecretMemory secretMemory(long bytes) {
        stepUnchecked("keys");
        return SecretMemory.open(bytes);
      }

      @Override
      public List<Finding> probe() {
        stepUnchecked("probe host");
        return List.copyOf(hostFindings);
      }
    };
  }

  ProcessSeal processSeal() {
    return new ProcessSeal() {
      @Override
      public void describe(Description into) {
        stepUnchecked("describe process");
        into.put("seal", "recorded");
      }

      @Override
      public List<Finding> probe() {
        stepUnchecked("probe process");
        return List.copyOf(sealProspect);
      }

      @Override
      public List<Finding> harden() {
        stepUnchecked("harden");
        return List.copyOf(sealFindings);
      }
    };
  }

  /** A policy for every mode that lets nothing out but its header. */
  ReleasePolicy policy() {
    return new ReleasePolicy() {
      @Override
      public String digest() {
        return "d".repeat(64);
      }

      @Override
      public void describe(Description into) {
        stepUnchecked("describe policy");
        into.put("keep", "nothing");
      }

      @Override
      public Compiled compile(Collection<? extends RawType> types, Mode mode) {
        stepUnchecked("compile");
        return _ -> new HeaderAlone();
      }
    };
  }

  private static final class HeaderAlone implements ReleasePolicy.Filter {
    @Override
    public void header(SealFacts facts, OutputStream out) throws IOException {
      out.write((facts + "\n").getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public boolean release(Raw raw, OutputStream out) {
      return false;
    }

    @Override
    public void close() {}
  }
}
