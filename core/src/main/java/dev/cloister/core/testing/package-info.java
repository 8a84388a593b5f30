/**
 * Fakes of everything a context touches, strict and in memory, for the tests of those who use this
 * library; and the contract tests that the fakes and the real ones both pass.
 *
 * <p>Whatever stands in for a guarantee reports SIMULATED, which only lab mode takes. The contract
 * tests and conditions need JUnit, which is an optional dependency.
 */
package dev.cloister.core.testing;
