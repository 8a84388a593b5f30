/**
 * Functions that users of Tor bring to a node: their sources, for the node, and what their clients
 * say to them. Whatever carries the talk is a {@link dev.cloister.tor.function.FunctionLink}.
 */
@NullMarked
package dev.cloister.tor.function;

import org.jspecify.annotations.NullMarked;
