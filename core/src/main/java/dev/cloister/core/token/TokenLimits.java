package dev.cloister.core.token;

import java.time.Duration;

/**
 * The bounds of a {@link TokenRegistry}. Immutable: each setting gives other limits.
 *
 * @param grants how many contexts may have live tokens
 * @param childrenPerGrant how many live tokens may have been made from a grant's, at any depth
 * @param depth how often tokens may be made from one another; 0 allows none to be made
 * @param nonces how many nonces are remembered for all tokens
 * @param noncesPerGrant how many of them for the tokens of one grant, so that one holder does not
 *     take the room of all
 * @param replayWindow how long a nonce is remembered, though never longer than its token lives
 */
public record TokenLimits(
    int grants,
    int childrenPerGrant,
    int depth,
    int nonces,
    int noncesPerGrant,
    Duration replayWindow) {

  /** What {@code grants} is unless set: 1,024. */
  public static final int GRANTS_DEFAULT = 1024;

  /** What {@code childrenPerGrant} is unless set: 64. */
  public static final int CHILDREN_PER_GRANT_DEFAULT = 64;

  /** What {@code depth} is unless set: 4. */
  public static final int DEPTH_DEFAULT = 4;

  /** What {@code nonces} is unless set: 1,048,576, each of some 120 bytes of heap. */
  public static final int NONCES_DEFAULT = 1 << 20;

  /** What {@code noncesPerGrant} is unless set: 65,536. */
  public static final int NONCES_PER_GRANT_DEFAULT = 1 << 16;

  /** What {@code replayWindow} is unless set: as long as any token lives. */
  public static final Duration REPLAY_WINDOW_DEFAULT = Terms.LONGEST;

  /** Checks the limits. */
  public TokenLimits {
    atLeast("grants", grants, 1);
    atLeast("childrenPerGrant", childrenPerGrant, 0);
    atLeast("depth", depth, 0);
    atLeast("nonces", nonces, 1);
    atLeast("noncesPerGrant", noncesPerGrant, 1);
    if (!replayWindow.isPositive()) {
      throw new IllegalArgumentException("replayWindow " + replayWindow + ": must be above zero");
    }
  }

  private static void atLeast(String what, int value, int least) {
    if (value < least) {
      throw new IllegalArgumentException(what + " " + value + ": must be at least " + least);
    }
  }

  /**
   * Makes the limits that hold unless others are set.
   *
   * @return every default
   */
  public static TokenLimits defaults() {
    return new TokenLimits(
        GRANTS_DEFAULT,
        CHILDREN_PER_GRANT_DEFAULT,
        DEPTH_DEFAULT,
        NONCES_DEFAULT,
        NONCES_PER_GRANT_DEFAULT,
        REPLAY_WINDOW_DEFAULT);
  }

  /**
   * Sets how many contexts may have live tokens.
   *
   * @param most at least 1; {@link #GRANTS_DEFAULT} unless set
   * @return limits with that
   */
  public TokenLimits grants(int most) {
    return new TokenLimits(most, childrenPerGrant, depth, nonces, noncesPerGrant, replayWindow);
  }

  /**
   * Sets how many live tokens may have been made from a grant's.
   *
   * @param most at least 0; {@link #CHILDREN_PER_GRANT_DEFAULT} unless set
   * @return limits with that
   */
  public TokenLimits childrenPerGrant(int most) {
    return new TokenLimits(grants, most, depth, nonces, noncesPerGrant, replayWindow);
  }

  /**
   * Sets how often tokens may be made from one another.
   *
   * @param most at least 0; {@link #DEPTH_DEFAULT} unless set
   * @return limits with that
   */
  public TokenLimits depth(int most) {
    return new TokenLimits(grants, childrenPerGrant, most, nonces, noncesPerGrant, replayWindow);
  }

  /**
   * Sets how many nonces are remembered for all tokens.
   *
   * @param most at least 1; {@link #NONCES_DEFAULT} unless set
   * @return limits with that
   */
  public TokenLimits nonces(int most) {
    return new TokenLimits(grants, childrenPerGrant, depth, most, noncesPerGrant, replayWindow);
  }

  /**
   * Sets how many nonces are remembered for the tokens of one grant.
   *
   * @param most at least 1; {@link #NONCES_PER_GRANT_DEFAULT} unless set
   * @return limits with that
   */
  public TokenLimits noncesPerGrant(int most) {
    return new TokenLimits(grants, childrenPerGrant, depth, nonces, most, replayWindow);
  }

  /**
   * Sets how long a nonce is remembered. A window shorter than a token's life lets more
   * presentations through in all, and lets a recorded one be repeated once the window has passed:
   * set one only where the protocol that carries tokens refuses older messages itself.
   *
   * @param window above zero; as long as any token lives unless set
   * @return limits with that
   */
  public TokenLimits replayWindow(Duration window) {
    return new TokenLimits(grants, childrenPerGrant, depth, nonces, noncesPerGrant, window);
  }
}
