/** Measurements: methods by JMH, and whole systems by commands that check their results first. */
@org.jspecify.annotations.NullMarked
package dev.cloister.benchmarks;
