/**
 * Documents that an operator or a stranger writes, read strictly: an unknown word is an error with
 * its place. What a node's policy gives and a function's manifest asks, which destinations may be
 * reached, and how much of each resource: all of it is decided here, and enforced elsewhere.
 *
 * <p>Depends on {@code dev.cloister.core}; the one place of this module where documents are parsed.
 */
package dev.cloister.core.policy;
