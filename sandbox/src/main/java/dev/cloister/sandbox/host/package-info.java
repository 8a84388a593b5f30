/**
 * What an operator lends to strangers' functions: a host of cells, each a sealed context of its own
 * with a grant, limits and an end.
 *
 * <p>Depends on core's contexts, policies and tokens, on images, and on the seam of runtimes; it
 * knows no runtime.
 */
package dev.cloister.sandbox.host;
