package dev.cloister.core.token;

import dev.cloister.core.TimeSource;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the registry keeps of a token that it issued. Guarded by the registry. */
final class LiveToken {
  final Bits128 identifier;
  final Family family;
  private final byte[] hash;
  private final @Nullable LiveToken parent;
  private final Set<Right> rights;
  private final long expiresAtNanos;

  /** Of this token alone: see {@link #usesLeft}. */
  private long ownUses;

  /** Made with the first nonce: most tokens are never shown. */
  private @Nullable Nonces nonces;

  private LiveToken(
      Bits128 identifier,
      byte[] hash,
      Family family,
      @Nullable LiveToken parent,
      Set<Right> rights,
      long uses,
      long expiresAtNanos) {
    this.identifier = identifier;
    this.hash = hash;
    this.family = family;
    this.parent = parent;
    this.rights = Collections.unmodifiableSet(EnumSet.copyOf(rights));
    this.ownUses = uses;
    this.expiresAtNanos = expiresAtNanos;
  }

  static LiveToken invocation(byte[] token, Family family, Terms terms, long now) {
    return new LiveToken(
        Bits128.first(token),
        TokenKind.INVOCATION.hash(token),
        family,
        null,
        terms.rights(),
        terms.uses(),
        now + terms.lifetime().toNanos());
  }

  static LiveToken shutdown(byte[] token, Family family, Duration lifetime, long now) {
    return new LiveToken(
        Bits128.first(token),
        TokenKind.SHUTDOWN.hash(token),
        family,
        null,
        EnumSet.of(Right.SHUTDOWN),
        1,
        now + lifetime.toNanos());
  }

  /** Makes a token that is no wider than this one; some right must be left. */
  LiveToken child(byte[] token, Terms terms, long now) {
    return new LiveToken(
        Bits128.first(token),
        TokenKind.INVOCATION.hash(token),
        family,
        this,
        shared(terms.rights()),
        terms.uses(),
        now + Math.min(terms.lifetime().toNanos(), expiresAtNanos - now));
  }

  Set<Right> shared(Set<Right> wanted) {
    var shared = EnumSet.copyOf(rights);
    shared.retainAll(wanted);
    return shared;
  }

  /** Says why this token does not allow what is asked; null when it does. */
  @Nullable TokenCounter refusal(Presentation shown, long now) {
    if (!matches(shown.hash)) {
      return TokenCounter.MISMATCHED;
    }
    if (!shown.addresses(family.context)) {
      return TokenCounter.FOREIGN;
    }
    if (isExpired(now)) {
      return TokenCounter.EXPIRED;
    }
    if (!rights.contains(shown.right)) {
      return TokenCounter.WITHOUT_RIGHT;
    }
    if (nonces != null && nonces.contains(shown.nonce)) {
      return TokenCounter.REPLAYED;
    }
    return usesLeft() == 0 ? TokenCounter.EXHAUSTED : null;
  }

  /** Compares in a time that does not depend on where the two differ. */
  boolean matches(byte[] shown) {
    return MessageDigest.isEqual(hash, shown);
  }

  /** Takes room for a nonce; false when there is none. */
  boolean remember(Bits128 nonce, TimeSource time, Duration window) {
    if (family.nonces.isFull()) {
      family.members().forEach(LiveToken::forgetOldNonces);
      if (family.nonces.isFull()) {
        return false;
      }
    }
    if (nonces == null) {
      nonces = new Nonces(family.nonces, time, window);
    }
    nonces.add(nonce);
    return true;
  }

  void forgetOldNonces() {
    if (nonces != null) {
      nonces.forgetOld();
    }
  }

  /** Counts a use here and at every ancestor, each of which has one. */
  void takeUse() {
    for (var token = this; token != null; token = token.parent) {
      if (token.ownUses != Terms.UNLIMITED) {
        token.ownUses--;
      }
    }
  }

  /** What this token and each of its ancestors have left. */
  long usesLeft() {
    var left = ownUses;
    for (var token = parent; token != null; token = token.parent) {
      left = Math.min(left, token.ownUses);
    }
    return left;
  }

  /** How often tokens were made from one another down to this one. */
  int depth() {
    var depth = 0;
    for (var token = parent; token != null; token = token.parent) {
      depth++;
    }
    return depth;
  }

  /** Tells whether this is that token, or was made from it. */
  boolean descendsFrom(LiveToken ancestor) {
    for (var token = this; token != null; token = token.parent) {
      if (token == ancestor) {
        return true;
      }
    }
    return false;
  }

  boolean isSpent(long now) {
    return isExpired(now) || usesLeft() == 0;
  }

  private boolean isExpired(long now) {
    return nanosLeft(now) <= 0;
  }

  long nanosLeft(long now) {
    return expiresAtNanos - now;
  }

  Presented presented(long now) {
    return new Presented(family.context, rights, usesLeft(), Duration.ofNanos(nanosLeft(now)));
  }

  void forget() {
    Arrays.fill(hash, (byte) 0);
    if (nonces != null) {
      nonces.drop();
      nonces = null;
    }
  }

  @Override
  public String toString() {
    return "LiveToken[" + rights + "]";
  }
}
