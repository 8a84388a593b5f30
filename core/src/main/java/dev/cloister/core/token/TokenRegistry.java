package dev.cloister.core.token;

import dev.cloister.core.ContextId;
import dev.cloister.core.Denied;
import dev.cloister.core.TimeSource;
import dev.cloister.core.ledger.Ledger;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Issues the tokens of contexts, and tells a good one from every other. What it does not guarantee:
 * that the token is shown by the one it was given to. Whoever has its bytes has the right, until
 * its terms end it or its context is {@link #revoke revoked}.
 *
 * <p><b>What it keeps.</b> Of each token the identifier and a SHA-256 hash that covers the kind of
 * the right, never the bytes. The first 16 bytes find the entry in a map and need not be secret;
 * the other 32 decide, because the hash of all is compared with {@link
 * java.security.MessageDigest#isEqual}, which takes as long wherever the two differ. An unknown
 * identifier is compared with the hash of nobody, so that it costs the same; bytes of another
 * length than a token's are refused at once. So time tells at most whether an identifier is live,
 * and a holder of the whole token why it was refused.
 *
 * <p><b>One refusal.</b> Whatever is wrong, and whatever bytes are shown, the answer is an empty
 * one; {@link TokenCounter} has the cause.
 *
 * <p><b>Uses.</b> Each accepted presentation takes one use, atomically; that of a child is taken
 * from all its ancestors too. Lifetimes are measured on {@link TimeSource#nanoTime}: an operator
 * who sets the time of day neither prolongs nor ends a token. Where that clock stands while the
 * machine sleeps, so do lifetimes.
 *
 * <p><b>Replay.</b> A holder chooses a nonce of {@value #NONCE_BYTES} bytes for each presentation,
 * and the same one is refused with the same token for as long as the token lives, or for a shorter
 * {@link TokenLimits#replayWindow}. Where a grant, or all together, have as many nonces as may be
 * remembered, further presentations are refused, and take no use, until some are forgotten: to
 * forget one early would let a recorded message in. A presentation that takes a token's last use
 * needs no room, since nothing can follow it; so a {@link ShutdownToken}, which has one use, and
 * tokens of one call work even then. A holder of a long-lived token gets room by having a child
 * made, using it, and {@link #surrender surrendering} it.
 *
 * <p>Safe for use by many threads. Memory is bounded by {@link TokenLimits}; {@link #tick} forgets
 * what is spent.
 */
public final class TokenRegistry {
  /** How long every nonce is. */
  public static final int NONCE_BYTES = Bits128.BYTES;

  private final TimeSource time;
  private final Ledger ledger;
  private final TokenLimits limits;
  private final SecureRandom random = new SecureRandom();

  /** Guarded by this, as is all that follows and all that hangs on it. */
  private final Map<Bits128, LiveToken> tokens = new HashMap<>();

  private final Map<ContextId, Family> families = new HashMap<>();
  private final Room nonces;

  /** Stands in for a token that is not there, so that looking for it takes as long. */
  private final LiveToken nobody;

  private TokenRegistry(TimeSource time, Ledger ledger, TokenLimits limits) {
    this.time = time;
    this.ledger = ledger;
    this.limits = limits;
    this.nonces = Room.of(limits.nonces());
    var none = new Family(ContextId.random(random), Room.of(1));
    this.nobody = LiveToken.invocation(fresh(), none, Terms.lasting(Terms.LONGEST), 0);
    countLive();
  }

  /**
   * Opens a registry without tokens.
   *
   * @param time its clocks
   * @param ledger what counts; its vocabulary has every {@link TokenCounter}, and nobody else
   *     writes to them
   * @param limits its bounds
   * @return the registry; tokens of any other are foreign to it
   */
  public static TokenRegistry open(TimeSource time, Ledger ledger, TokenLimits limits) {
    return new TokenRegistry(time, ledger, limits);
  }

  /**
   * Issues the two rights to a context, once.
   *
   * @param context what they are for
   * @param terms those of the invocation token; the shutdown token lives as long, and has one use
   * @return the only copy of both
   * @throws Denied when as many grants are live as are allowed, or this context has one
   */
  public synchronized Grant issue(ContextId context, Terms terms) {
    var now = time.nanoTime();
    if (families.size() >= limits.grants() || families.containsKey(context)) {
      forgetSpent(List.copyOf(tokens.values()), now);
    }
    if (families.containsKey(context)) {
      throw new Denied(
          "tokens.once", context + " has a live grant: it is issued once; delegate or revoke it");
    }
    if (families.size() >= limits.grants()) {
      ledger.tally(TokenCounter.NO_ROOM_FOR_GRANT).increment();
      throw new Denied(
          "tokens.grants",
          "grant %d: allowed are %d live ones (TokenLimits.grants); wait until a context ends"
              .formatted(families.size() + 1, limits.grants()));
    }
    var family = new Family(context, nonces.within(limits.noncesPerGrant()));
    families.put(context, family);
    var invocation = fresh();
    var shutdown = fresh();
    keep(LiveToken.invocation(invocation, family, terms, now));
    keep(LiveToken.shutdown(shutdown, family, terms.lifetime(), now));
    ledger.tally(TokenCounter.ISSUED).increment();
    return new Grant(context, InvocationToken.of(invocation), ShutdownToken.of(shutdown));
  }

  private byte[] fresh() {
    var bytes = new byte[Token.BYTES];
    random.nextBytes(bytes);
    return bytes;
  }

  private void keep(LiveToken token) {
    tokens.put(token.identifier, token);
    token.family.add(token);
    countLive();
  }

  /**
   * Asks whether a token allows something, and takes a use of it if so.
   *
   * @param token what was shown, any bytes
   * @param nonce what its holder chose for this presentation, any bytes
   * @param right what is asked for
   * @return whose token it is and what is left of it, or the one refusal
   */
  public Optional<Presented> present(byte[] token, byte[] nonce, Right right) {
    return accepted(Presentation.read(token, nonce, right, null));
  }

  /**
   * Asks as {@link #present(byte[], byte[], Right)} does, for a message to one context: the tokens
   * of another are refused, and none of their uses is taken.
   *
   * @param token what was shown, any bytes
   * @param nonce what its holder chose for this presentation, any bytes
   * @param right what is asked for
   * @param context what was addressed
   * @return what is left of the token, or the one refusal
   */
  public Optional<Presented> present(byte[] token, byte[] nonce, Right right, ContextId context) {
    return accepted(Presentation.read(token, nonce, right, context));
  }

  private synchronized Optional<Presented> accepted(@Nullable Presentation shown) {
    var now = time.nanoTime();
    var token = good(shown, now);
    if (shown == null || token == null) {
      return Optional.empty();
    }
    if (token.usesLeft() > 1 && !remembered(token, shown)) {
      return Optional.empty();
    }
    token.takeUse();
    ledger.tally(TokenCounter.ACCEPTED).increment();
    return Optional.of(token.presented(now));
  }

  /** Finds the token that allows what is asked; null when there is none, which is counted. */
  private @Nullable LiveToken good(@Nullable Presentation shown, long now) {
    if (shown == null) {
      ledger.tally(TokenCounter.MALFORMED).increment();
      return null;
    }
    var found = tokens.getOrDefault(shown.identifier, nobody);
    var refusal = found.refusal(shown, now);
    if (refusal == null) {
      return found;
    }
    ledger.tally(found == nobody ? TokenCounter.UNKNOWN : refusal).increment();
    return null;
  }

  private boolean remembered(LiveToken token, Presentation shown) {
    var done = token.remember(shown.nonce, time, limits.replayWindow());
    if (!done) {
      ledger.tally(TokenCounter.NO_ROOM_FOR_NONCE).increment();
    }
    countLive();
    return done;
  }

  /**
   * Makes a narrower token from one that has {@link Right#DELEGATE}, to be handed on. It has no
   * right that its parent lacks, expires no later, and ends with it; its uses are taken from its
   * parent's too. Making it takes no use.
   *
   * @param token what was shown, any bytes
   * @param nonce what its holder chose for this presentation, any bytes
   * @param terms what the new one should be good for, within what its parent is
   * @return the only copy of the new token, or the one refusal
   * @throws Denied when the token is good, and has as many descendants as are allowed
   */
  public Optional<InvocationToken> delegate(byte[] token, byte[] nonce, Terms terms) {
    return delegated(Presentation.read(token, nonce, Right.DELEGATE, null), terms);
  }

  private synchronized Optional<InvocationToken> delegated(
      @Nullable Presentation shown, Terms terms) {
    var now = time.nanoTime();
    var parent = good(shown, now);
    if (shown == null || parent == null) {
      return Optional.empty();
    }
    if (parent.shared(terms.rights()).isEmpty()) {
      ledger.tally(TokenCounter.WITHOUT_RIGHT).increment();
      return Optional.empty();
    }
    checkRoomBelow(parent, now);
    if (!remembered(parent, shown)) {
      return Optional.empty();
    }
    var child = fresh();
    keep(parent.child(child, terms, now));
    ledger.tally(TokenCounter.DELEGATED).increment();
    return Optional.of(InvocationToken.of(child));
  }

  private void checkRoomBelow(LiveToken parent, long now) {
    if (parent.depth() >= limits.depth()) {
      ledger.tally(TokenCounter.TOO_DEEP).increment();
      throw new Denied(
          "tokens.depth",
          "a token made from one of depth %d: allowed is depth %d (TokenLimits.depth); make it"
                  .formatted(parent.depth(), limits.depth())
              + " from one nearer to the grant");
    }
    var family = parent.family;
    if (family.children() >= limits.childrenPerGrant()) {
      forgetSpent(family.members(), now);
    }
    if (family.children() >= limits.childrenPerGrant()) {
      ledger.tally(TokenCounter.NO_ROOM_FOR_CHILD).increment();
      throw new Denied(
          "tokens.children",
          "token %d made from a grant: allowed are %d live ones (TokenLimits.childrenPerGrant);"
                  .formatted(family.children() + 1, limits.childrenPerGrant())
              + " surrender one, or wait until one is spent");
    }
  }

  /**
   * Ends an invocation token before its time, and all that were made from it. Whoever had a token
   * made and handed it on can so take it back. It needs no nonce, since it can be done but once.
   *
   * @param token what was shown, any bytes
   * @return whether it was live; the context, its shutdown token and its other tokens stay
   */
  public boolean surrender(byte[] token) {
    return surrendered(Presentation.read(token, new byte[NONCE_BYTES], Right.INVOKE, null));
  }

  private synchronized boolean surrendered(@Nullable Presentation shown) {
    if (shown == null) {
      ledger.tally(TokenCounter.MALFORMED).increment();
      return false;
    }
    var found = tokens.getOrDefault(shown.identifier, nobody);
    if (!found.matches(shown.hash)) {
      ledger.tally(found == nobody ? TokenCounter.UNKNOWN : TokenCounter.MISMATCHED).increment();
      return false;
    }
    end(found);
    return true;
  }

  /**
   * Forgets every token of a context, when it ends.
   *
   * @param context any; one without tokens costs nothing
   */
  public synchronized void revoke(ContextId context) {
    var family = families.get(context);
    if (family != null) {
      family.members().forEach(this::end);
    }
  }

  /** Forgets a token and what was made from it; one that was forgotten has nothing left to do. */
  private void end(LiveToken token) {
    var family = token.family;
    for (var member : family.members()) {
      if (member.descendsFrom(token)) {
        tokens.remove(member.identifier);
        family.remove(member);
        member.forget();
      }
    }
    if (family.isEmpty()) {
      families.remove(family.context);
    }
    countLive();
  }

  private void forgetSpent(List<LiveToken> candidates, long now) {
    for (var token : candidates) {
      if (token.isSpent(now)) {
        end(token);
      }
    }
  }

  /**
   * Does what is due: forgets tokens that are expired or used up, and nonces that are older than
   * the window. Until then such tokens are refused by their own causes; from then on as unknown.
   *
   * @return nanoseconds until there is something to forget again; {@link Long#MAX_VALUE} when there
   *     is nothing
   */
  public synchronized long tick() {
    var now = time.nanoTime();
    forgetSpent(List.copyOf(tokens.values()), now);
    var due = Long.MAX_VALUE;
    for (var token : tokens.values()) {
      token.forgetOldNonces();
      due = Math.min(due, token.nanosLeft(now));
    }
    countLive();
    return nonces.taken() == 0 ? due : Math.min(due, windowNanos());
  }

  private long windowNanos() {
    return limits.replayWindow().compareTo(Terms.LONGEST) > 0
        ? Terms.LONGEST.toNanos()
        : limits.replayWindow().toNanos();
  }

  private void countLive() {
    ledger.tally(TokenCounter.LIVE).set(tokens.size());
    ledger.tally(TokenCounter.NONCES).set(nonces.taken());
  }

  /**
   * Says how many tokens are live, and nothing of them.
   *
   * @return such as {@code TokenRegistry[2 tokens]}
   */
  @Override
  public synchronized String toString() {
    return "TokenRegistry[" + tokens.size() + " tokens]";
  }
}
