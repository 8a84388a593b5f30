/**
 * Fakes of what this module does with keys, for tests; and the contracts that they and the real
 * ones pass.
 *
 * <p>The contracts need JUnit, which is an optional dependency.
 */
package dev.cloister.crypto.testing;
