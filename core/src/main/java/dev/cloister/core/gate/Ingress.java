package dev.cloister.core.gate;

/**
 * Pulls raw input in. Nothing that an ingress gives may leave its context but through the release
 * engine. How input is pulled is the subtype's word: packets, messages, bytes.
 */
public non-sealed interface Ingress extends Gate {}
