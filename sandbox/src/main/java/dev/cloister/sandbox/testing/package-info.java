/**
 * Fakes of this module, strict by default, and the contract tests that both fake and real pass.
 *
 * <p>JUnit is needed for the contracts alone; a user without tests needs none of it.
 */
package dev.cloister.sandbox.testing;
