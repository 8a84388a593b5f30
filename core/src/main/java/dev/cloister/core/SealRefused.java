package dev.cloister.core;

import java.util.List;

/** A context was not sealed: the host lacks what its plan requires. Everything is as it was. */
public final class SealRefused extends CloisterException {
  private static final long serialVersionUID = 1L;

  /** One line a lack. */
  private final String[] lacks;

  /**
   * Lists what is missing.
   *
   * @param lacks one line each: the guarantee, what was observed, what to do
   */
  public SealRefused(List<String> lacks) {
    super(String.join(System.lineSeparator(), lacks));
    this.lacks = lacks.toArray(String[]::new);
  }

  /**
   * Returns what is missing.
   *
   * @return one line each: the guarantee, what was observed, what to do
   */
  public List<String> lacks() {
    return List.of(lacks);
  }
}
