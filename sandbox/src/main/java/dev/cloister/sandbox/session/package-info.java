/**
 * The cell protocol over any byte channel: what a node answers, and what its clients ask; {@code
 * protocol.md}, in the resources of this package, is its grammar.
 *
 * <p>Depends on core's policies and tokens and on the host that it speaks for; it knows no runtime
 * and no network.
 */
@NullMarked
package dev.cloister.sandbox.session;

import org.jspecify.annotations.NullMarked;
