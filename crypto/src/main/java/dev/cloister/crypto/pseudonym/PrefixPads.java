package dev.cloister.crypto.pseudonym;

/**
 * The secret of a prefix-preserving map: for each bit of an address, the bit that it is combined
 * with by exclusive or, made from the key and the address's bits before it.
 */
sealed interface PrefixPads permits CryptoPanPads, PfxPads {

  /**
   * Makes bits for an IPv4 address.
   *
   * @param address only its first {@code first + count - 1} bits matter
   * @param first the first bit's position, 0 for the highest
   * @param count how many, 1 to 32
   * @return the bits, the last one lowest
   */
  int of4(int address, int first, int count);

  /**
   * Makes bits for an IPv6 address.
   *
   * @param high the address's first half
   * @param low its second half; only the first {@code first + count - 1} bits of both matter
   * @param first the first bit's position, 0 for the highest
   * @param count how many, 1 to 64, all in one half
   * @return the bits, the last one lowest
   */
  long of6(long high, long low, int first, int count);

  /** Overwrites the key and all that was made of it. */
  void forget();
}
