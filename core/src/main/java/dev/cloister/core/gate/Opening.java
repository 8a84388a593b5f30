package dev.cloister.core.gate;

import dev.cloister.core.Mode;
import dev.cloister.core.TimeSource;
import dev.cloister.core.key.KeyRing;
import dev.cloister.core.ledger.Ledger;
import java.util.function.Supplier;

/**
 * What a context lends a part when it opens it.
 *
 * @param mode how the context runs
 * @param time the context's clocks
 * @param ledger where the counters that the part declared are
 * @param keys gives the context's keys; they are made after every part is open, and asking before
 *     that throws {@link IllegalStateException}
 * @param pass opens what this context releases
 */
public record Opening(
    Mode mode, TimeSource time, Ledger ledger, Supplier<KeyRing> keys, EgressPass pass) {}
