/**
 * What an operator lends to strangers' functions.
 *
 * <p>Depends on core's policy and posture.
 */
package dev.cloister.sandbox.host;
