/**
 * Documents that an operator writes, read strictly: an unknown word is an error with its place.
 *
 * <p>Depends on {@code dev.cloister.core}; the one place of this module where documents are parsed.
 */
package dev.cloister.core.policy;
