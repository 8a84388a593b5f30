/**
 * TLS 1.3 over any channel of bytes, between a node with a key and a client with its pin; what
 * comes out is a channel of bytes again. Depends on {@code crypto.identity}, which says what is
 * spoken, and on the seam of {@code sandbox.session} alone, whose protocol it does not know.
 *
 * <p>Source: RFC 8446; the JDK's SSLEngine does the work.
 */
@NullMarked
package dev.cloister.sandbox.transport;

import org.jspecify.annotations.NullMarked;
