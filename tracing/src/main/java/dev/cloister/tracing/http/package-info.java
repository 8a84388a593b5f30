/**
 * HTTP/1 as a tap sees it: both halves, with gaps, from the middle, among garbage.
 *
 * <p>Depends on {@code dev.cloister.tracing.record} and the directions of a flow. Sources: RFC
 * 9110, RFC 9112.
 */
package dev.cloister.tracing.http;
