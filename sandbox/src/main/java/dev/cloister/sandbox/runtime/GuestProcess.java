package dev.cloister.sandbox.runtime;

import java.io.IOException;

/**
 * One guest: a function's life in a runtime. {@link #run} has one caller; everything else is safe
 * for use by many threads.
 */
public interface GuestProcess extends AutoCloseable {

  /**
   * Loads the code and carries the function's calls until the guest has ended, by itself or by
   * {@link #stop}. Called once, on a platform thread: what computes there, or holds a pipe open,
   * would keep a virtual one's carrier. Throws nothing for whatever the function does.
   *
   * @param code the function
   * @param api takes its calls, on this thread
   * @return how it ended: what {@link #stop} was told first, or else what the guest did
   */
  Ending run(byte[] code, CellApi api);

  /**
   * Does what is due: reads what the guest used, ends it at a limit, answers calls of the system
   * that were denied.
   *
   * @return nanoseconds until the next is due; {@link Long#MAX_VALUE} when the guest has ended
   */
  long tick();

  /**
   * Ends the guest at once, with all that it started; the first reason stays. Returns without
   * waiting for {@link #run}.
   *
   * @param why what {@link #run} returns
   */
  void stop(Ending why);

  /**
   * Tells what the guest used until now; its last words after the end.
   *
   * @return the latest reading
   */
  Usage usage();

  /**
   * Ends the guest and removes all that was made for it; a second call does nothing.
   *
   * @throws IOException when something could not be removed; the rest was
   */
  @Override
  void close() throws IOException;
}
