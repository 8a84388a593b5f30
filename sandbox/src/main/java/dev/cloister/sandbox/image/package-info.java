/**
 * What an operator offers functions to run in: images, each named by the digest of all it holds.
 *
 * <p>Depends on core's policy, for descriptors.
 */
package dev.cloister.sandbox.image;
