package dev.cloister.core.context;

import dev.cloister.core.ContextId;
import dev.cloister.core.Description;
import dev.cloister.core.SealRefused;
import dev.cloister.core.context.ContextPlan.Declared;
import dev.cloister.core.gate.EgressPass;
import dev.cloister.core.gate.Opening;
import dev.cloister.core.gate.Part;
import dev.cloister.core.gate.ReleaseEngine;
import dev.cloister.core.gate.ReleasePolicy;
import dev.cloister.core.internal.Failures;
import dev.cloister.core.key.KeyRing;
import dev.cloister.core.key.SecretMemory.Protection;
import dev.cloister.core.ledger.Counter;
import dev.cloister.core.ledger.Ledger;
import dev.cloister.core.posture.Guarantee;
import dev.cloister.core.posture.Posture;
import dev.cloister.core.posture.Posture.Finding;
import dev.cloister.core.posture.Posture.State;
import dev.cloister.core.process.ProcessSeal;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** One run of {@link ContextPlan#seal()}: its steps, in their order, and the way back. */
final class Sealing {
  private final ContextPlan plan;
  private final ContextId id = ContextId.random(new SecureRandom());
  private final EgressPass pass = new EgressPass(id);
  private final List<Part> opened = new ArrayList<>();

  /** What the parts and the process found; what the host finds is read anew. */
  private final List<Finding> lasting = new ArrayList<>();

  /** What hardening is to reach: until then it counts instead of what the host finds now. */
  private List<Finding> prospect = List.of();

  private @Nullable KeyRing keys;

  Sealing(ContextPlan plan) {
    this.plan = plan;
  }

  SealedContext seal() throws IOException {
    var compiled = compile();
    probe();
    try {
      var ledger = Ledger.of(vocabulary());
      open(ledger);
      var ring = makeKeys();
      var identity = Identity.bornIn(ring);
      var engine =
          compiled.map(policy ->
              ReleaseEngine.of(plan.guarantees.mode(), pass, policyDigest(), policy, ring));
      var measured = measure();
      harden();
      var context =
          new SealedContext(
              plan, id, opened, lasting, posture(), ledger, ring, identity, engine, measured);
      context.begin(policyDigest());
      return context;
    } catch (IOException | RuntimeException | Error e) {
      undo(e);
      throw e;
    }
  }

  private Optional<ReleasePolicy.Compiled> compile() {
    for (var declared : plan.parts) {
      if (!declared.part().runsIn(plan.guarantees.mode())) {
        throw new IllegalArgumentException(
            "%s \"%s\" does not run in %s mode"
                .formatted(
                    declared.kind(), declared.part().name(), plan.guarantees.mode().label()));
      }
    }
    if (plan.policy.isPresent() && plan.parts.stream().noneMatch(p -> p.kind().equals("egress"))) {
      throw new IllegalArgumentException(
          "context \"" + plan.name + "\" releases and has no egress: declare one with egress(…)");
    }
    return plan.policy.map(policy -> policy.compile(plan.types, plan.guarantees.mode()));
  }

  private void probe() throws IOException {
    for (var declared : plan.parts) {
      lasting.addAll(declared.part().probe());
    }
    prospect = plan.processSeal.map(ProcessSeal::probe).orElse(List.of());
    if (lasting.stream().noneMatch(f -> f.guarantee() == Guarantee.NOTHING_RAW_ON_DISK)) {
      lasting.add(
          new Finding(
              Guarantee.NOTHING_RAW_ON_DISK, State.ENFORCED, "no store of this plan writes files"));
    }
    refuseLacks(posture());
  }

  private Posture posture() {
    var promised = prospect.stream().map(Finding::guarantee).collect(Collectors.toSet());
    var all = new ArrayList<>(plan.host.probe());
    all.removeIf(finding -> promised.contains(finding.guarantee()));
    all.addAll(lasting);
    all.addAll(prospect);
    return Posture.of(all);
  }

  private void refuseLacks(Posture posture) {
    var lacks = plan.guarantees.lacks(posture);
    if (!lacks.isEmpty()) {
      throw new SealRefused(lacks);
    }
  }

  private Set<Counter> vocabulary() {
    var all = new LinkedHashSet<>(plan.counters);
    plan.parts.forEach(declared -> all.addAll(declared.part().counters()));
    return all;
  }

  private void open(Ledger ledger) throws IOException {
    var opening = new Opening(plan.guarantees.mode(), plan.time, ledger, this::keys, pass);
    for (Declared declared : plan.parts) {
      opened.add(declared.part().open(opening));
    }
  }

  private KeyRing keys() {
    if (keys == null) {
      throw new IllegalStateException("the keys are made after every gate and store is open");
    }
    return keys;
  }

  private KeyRing makeKeys() {
    var ring = KeyRing.open(plan.host::secretMemory);
    keys = ring;
    if (ring.protection() == Protection.HEAP) {
      lasting.add(
          new Finding(
              Guarantee.ROOT_SECRET_PROTECTED,
              hostSimulates() ? State.SIMULATED : State.ABSENT,
              "the root secret lies on the heap"));
      refuseLacks(posture());
    }
    return ring;
  }

  private boolean hostSimulates() {
    return posture().of(Guarantee.ROOT_SECRET_PROTECTED).state() == State.SIMULATED;
  }

  private Description measure() {
    var measured = new Description();
    measured.put("context", plan.name);
    plan.guarantees.describe(measured.section("guarantees"));
    plan.processSeal.ifPresent(seal -> seal.describe(measured.section("process")));
    for (var declared : plan.parts) {
      var section = measured.section(declared.kind() + "." + declared.part().name());
      declared.part().describe(section);
    }
    for (var type : plan.types) {
      type.describe(measured.section("record." + type.name()));
    }
    plan.policy.ifPresent(policy -> policy.describe(measured.section("policy")));
    measured.put("heartbeat", plan.heartbeat);
    measured.put("ends-on-loss", plan.endsOnLoss);
    return measured;
  }

  private String policyDigest() {
    return plan.policy.map(ReleasePolicy::digest).orElse("");
  }

  private void harden() {
    if (plan.processSeal.isPresent()) {
      lasting.addAll(plan.processSeal.get().harden());
      prospect = List.of();
      refuseLacks(posture());
    }
  }

  private void undo(Throwable reason) {
    var failures = new Failures();
    for (var part : opened.reversed()) {
      failures.run(part::stop);
    }
    for (var part : opened.reversed()) {
      failures.run(part::close);
    }
    if (keys != null) {
      failures.run(keys::close);
    }
    failures.suppressIn(reason);
  }
}
