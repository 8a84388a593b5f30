package dev.cloister.tracing.internal;

import dev.cloister.tracing.record.Parser;

/**
 * A parser of this library, which counts its steps with a {@link
 * dev.cloister.tracing.record.StepBudget}: a tracer need not watch it as it watches those of users.
 */
public interface SelfLimiting extends Parser {}
