/**
 * Traffic that was never on a wire, and what takes the place of a capture: for the tests of those
 * who write parsers, sources and policies; and the contracts that the fakes and the real ones pass.
 *
 * <p>Fakes are strict: a view is poisoned as soon as its callback has returned. The contracts need
 * JUnit, which is an optional dependency. Depends on what it stands in for: sources, flows and
 * records.
 */
package dev.cloister.tracing.testing;
