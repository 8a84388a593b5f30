package dev.cloister.core.gate;

/** A way into or out of a context. There are four kinds, and no more. */
public sealed interface Gate extends Part permits Ingress, Egress, Exchange, Annex {}
