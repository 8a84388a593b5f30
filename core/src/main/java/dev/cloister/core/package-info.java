/**
 * The words that every other package uses: how a context runs, its name, its clocks, and the one
 * family of exceptions.
 *
 * <p>Depends on nothing.
 */
package dev.cloister.core;
