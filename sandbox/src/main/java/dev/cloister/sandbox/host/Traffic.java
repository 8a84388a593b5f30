package dev.cloister.sandbox.host;

import dev.cloister.core.Denied;

/** Where a fetch's bytes are counted as they pass, those of headers and encryption among them. */
interface Traffic {

  /**
   * Counts bytes that came.
   *
   * @throws Denied when they are more than the limit: the fetch ends at once
   */
  void in(int bytes);

  /**
   * Counts bytes that are to be sent.
   *
   * @throws Denied when they are more than the limit: they are not sent
   */
  void out(int bytes);
}
