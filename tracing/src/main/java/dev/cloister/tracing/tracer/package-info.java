/**
 * A whole tracer: what is declared in a plan, run step by step on the caller's threads.
 *
 * <p>The top of this module: depends on every other package of it, and on crypto's spill store.
 */
package dev.cloister.tracing.tracer;
