package dev.cloister.tracing.anonymize;

import dev.cloister.core.gate.RawType;
import dev.cloister.core.gate.ReleasePolicy;
import dev.cloister.core.key.KeyRing;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A policy that fits the types of a plan. */
final class CompiledPolicy implements ReleasePolicy.Compiled {
  private final Map<RawType, List<FieldPlan>> plans;
  private final Set<String> wanted = new HashSet<>();

  CompiledPolicy(Map<RawType, List<FieldPlan>> plans) {
    this.plans = plans;
    for (var plan : plans.values()) {
      plan.forEach(field -> wanted.add(field.field().fullPath()));
    }
  }

  @Override
  public boolean isWanted(RawType type, String field) {
    return wanted.contains(type.name() + "." + field);
  }

  @Override
  public ReleasePolicy.Filter open(KeyRing keys) {
    return new RecordFilter(plans, keys);
  }
}
