package dev.cloister.tracing.tracer;

import dev.cloister.tracing.flow.OverlapPolicy;
import dev.cloister.tracing.flow.ReassemblyLimits;
import dev.cloister.tracing.record.Parser;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Executor;

/** What a tracer was set up with. */
record TracerSettings(
    List<Parser> parsers,
    ReassemblyLimits limits,
    OverlapPolicy overlap,
    Duration parserBudget,
    Optional<Executor> spare,
    Optional<Executor> ahead,
    Duration warnBefore,
    int passes,
    boolean isDeferred,
    OptionalLong cutoffBytes) {}
