/**
 * Who a node is to those who connect to it: a key, the pin by which its address names it, and TLS
 * 1.3 between the two by the JDK's own engine. Bytes are moved by whoever has a connection.
 *
 * <p>Depends on core's keys. Sources: RFC 8446; RFC 8410 and RFC 5280 for the certificate; RFC
 * 7469, section 2.4, for the pin.
 */
@NullMarked
package dev.cloister.crypto.identity;

import org.jspecify.annotations.NullMarked;
