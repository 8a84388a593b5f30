/**
 * The one abstraction: a plan is declared, sealed, and closed, and then it is gone.
 *
 * <p>The top of this module: depends on every other package of it.
 */
package dev.cloister.core.context;
