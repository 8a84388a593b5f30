package dev.cloister.core.gate;

/**
 * Keeps raw input inside a context. A store opens files in its own directory only, and what it
 * writes there dies with its keys.
 */
public interface Store extends Part {}
