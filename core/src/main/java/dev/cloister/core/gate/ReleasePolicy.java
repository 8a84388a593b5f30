package dev.cloister.core.gate;

import dev.cloister.core.Description;
import dev.cloister.core.Mode;
import dev.cloister.core.key.KeyRing;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Collection;

/** Says what may come out of a context, and in which form. Immutable. */
public interface ReleasePolicy {

  /**
   * Returns the digest by which outputs name this policy.
   *
   * @return SHA-256 in hex
   */
  String digest();

  /**
   * Writes the policy; this goes into the measurement.
   *
   * @param into where to
   */
  void describe(Description into);

  /**
   * Checks the policy against what the parsers declared.
   *
   * @param types every kind of record of the plan
   * @param mode how the context will run
   * @return the policy, ready for these types
   * @throws dev.cloister.core.PolicyRejected when it names what no type has, or asks of a field
   *     what its type does not take
   */
  Compiled compile(Collection<? extends RawType> types, Mode mode);

  /** A policy that fits a plan's types. Immutable. */
  interface Compiled {

    /**
     * Opens a filter with the context's keys; two filters of one context make equal pseudonyms.
     *
     * @param keys the context's keys
     * @return a filter that the engine closes
     */
    Filter open(KeyRing keys);

    /**
     * Tells whether anything of a field may go out; what may not need not be found.
     *
     * @param type one of the plan's
     * @param field the field's path in it
     * @return whether it may; true unless a policy knows better
     */
    default boolean isWanted(RawType type, String field) {
      return true;
    }
  }

  /** Turns raw records into what may go out. Used by one thread at a time. */
  interface Filter extends AutoCloseable {

    /**
     * Writes the line that comes before all records.
     *
     * @param facts what it says of the context
     * @param out takes one line with its line feed
     * @throws IOException when {@code out} does
     */
    void header(SealFacts facts, OutputStream out) throws IOException;

    /**
     * Writes what the policy lets out of a record.
     *
     * @param raw a record of a declared type
     * @param out takes one line with its line feed, or nothing
     * @return whether a line was written
     * @throws IOException when {@code out} does
     */
    boolean release(Raw raw, OutputStream out) throws IOException;

    /** Destroys the filter's keys. */
    @Override
    void close();
  }
}
