package dev.cloister.sandbox.vaultfs;

import java.io.IOException;

/**
 * Where a {@link Vault} keeps its encrypted blocks: bytes by position, like a file. It is trusted
 * with nothing: whatever it loses, changes or gives back from an earlier time is noticed by the
 * vault.
 *
 * <p>Shape: positions and lengths are multiples of 4096, a length is at most 65536, and the end
 * grows with what is written. Calls come from any number of threads at once, two of them never
 * write to the same bytes at once. An interrupt of a calling thread must not close the medium.
 */
public interface BlockMedium extends AutoCloseable {

  /**
   * Writes all of some bytes.
   *
   * @param position where to; beyond the end too
   * @param bytes holds them, from its start; the array is lent for this call
   * @param length how many
   * @throws IOException when not all were written; what is there then does not matter
   */
  void write(long position, byte[] bytes, int length) throws IOException;

  /**
   * Reads bytes.
   *
   * @param position where from
   * @param bytes takes them, from its start; lent for this call
   * @param length how many
   * @return how many there were before the end; less than {@code length} at the end alone
   * @throws IOException when they could not be read
   */
  int read(long position, byte[] bytes, int length) throws IOException;

  /**
   * Returns when everything written before is on the medium for good.
   *
   * @throws IOException when that is not so, or the medium is not the one that was opened
   */
  void force() throws IOException;

  /**
   * Forgets everything from a position on, and gives its space back.
   *
   * @param end the new end
   * @throws IOException when the space was not given back; the vault uses it again all the same
   */
  void truncate(long end) throws IOException;

  /**
   * Ends every call, and forgets everything. A second call does nothing.
   *
   * @throws IOException when something is left
   */
  @Override
  void close() throws IOException;
}
