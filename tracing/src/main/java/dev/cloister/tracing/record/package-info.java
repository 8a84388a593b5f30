/**
 * What a parser declares and emits, and what a release policy is compiled against.
 *
 * <p>Depends on core's gates.
 */
package dev.cloister.tracing.record;
