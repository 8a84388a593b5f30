/**
 * Small programs over the public API, each a page of what a user writes.
 *
 * <p>Nothing depends on them.
 */
package dev.cloister.examples;
