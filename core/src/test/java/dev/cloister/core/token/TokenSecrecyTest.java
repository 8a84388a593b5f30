package dev.cloister.core.token;

import static dev.cloister.core.token.Tokens.HOUR;
import static dev.cloister.core.token.Tokens.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.github.benmanes.caffeine.cache.Cache;
import dev.cloister.core.ContextDestroyed;
import dev.cloister.core.key.SecretAccess;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HexFormat;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Where the bytes of a token are, and where not. */
final class TokenSecrecyTest {
  private final Tokens tokens = Tokens.ordinary();

  /** Every array that hangs on our own objects, through the JDK's collections too. */
  private static final class Reachable {
    private final Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    final List<byte[]> arrays = new ArrayList<>();

    static List<byte[]> from(Object root) {
      var walk = new Reachable();
      walk.visit(root);
      return walk.arrays;
    }

    private void visit(@Nullable Object object) {
      if (object == null || !seen.add(object)) {
        return;
      }
      switch (object) {
        case byte[] array -> arrays.add(array);
        case Map<?, ?> map ->
            map.forEach((key, value) -> {
              visit(key);
              visit(value);
            });
        case Collection<?> collection -> collection.forEach(this::visit);
        case Cache<?, ?> cache -> visit(cache.asMap());
        default -> visitFields(object);
      }
    }

    private void visitFields(Object object) {
      var type = object.getClass();
      while (type != null && type.getName().startsWith("dev.cloister.")) {
        for (var field : type.getDeclaredFields()) {
          if (!field.getType().isPrimitive() && !Modifier.isStatic(field.getModifiers())) {
            visit(read(object, field));
          }
        }
        type = type.getSuperclass();
      }
    }

    private static @Nullable Object read(Object object, Field field) {
      try {
        field.setAccessible(true);
        return field.get(object);
      } catch (IllegalAccessException e) {
        throw new AssertionError(e);
      }
    }
  }

  private static boolean holds(Object root, byte[] secret) {
    return Reachable.from(root).stream()
        .anyMatch(
            array -> HexFormat.of().formatHex(array).contains(HexFormat.of().formatHex(secret)));
  }

  @Test
  void theRegistryKeepsHashesAndNoToken() {
    var grant = tokens.grant();
    var child = tokens.child(grant.invocation(), Terms.lasting(HOUR));
    tokens.invoke(child);
    for (var token : List.of(grant.invocation(), grant.shutdown(), child)) {
      var secret = Arrays.copyOfRange(bytes(token), Token.IDENTIFIER_BYTES, Token.BYTES);
      assertThat(holds(tokens.registry, secret)).isFalse();
      assertThat(holds(token, secret)).as("the walk finds what is there").isTrue();
    }
    var hash = TokenKind.INVOCATION.hash(bytes(child));
    assertThat(holds(tokens.registry, hash)).as("the walk reaches the entries").isTrue();
  }

  @Test
  void revokingForgetsTheHashesToo() {
    var grant = tokens.grant();
    var child = tokens.child(grant.invocation(), Terms.lasting(HOUR));
    var live = Reachable.from(tokens.registry);
    tokens.registry.revoke(grant.context());
    assertThat(holds(tokens.registry, TokenKind.INVOCATION.hash(bytes(child)))).isFalse();
    var wiped = live.stream().filter(array -> Arrays.equals(array, new byte[32])).count();
    assertThat(wiped).isEqualTo(3);
  }

  @Test
  void oneTokenHasAnotherHashForEachKind() {
    var token = bytes(tokens.grant().invocation());
    assertThat(TokenKind.INVOCATION.hash(token)).isNotEqualTo(TokenKind.SHUTDOWN.hash(token));
  }

  @Test
  void nothingSaysWhatItHolds() {
    var grant = tokens.grant();
    assertThat(grant.invocation()).hasToString("InvocationToken[48 bytes]");
    assertThat(grant.shutdown()).hasToString("ShutdownToken[48 bytes]");
    assertThat(grant)
        .hasToString(
            "Grant[context=%s, invocation=InvocationToken[48 bytes], shutdown=ShutdownToken[48 bytes]]"
                .formatted(grant.context()));
    assertThat(tokens.registry).hasToString("TokenRegistry[2 tokens]");
  }

  @Test
  void aTokenGoesToAFileAndBack() {
    var token = tokens.grant().invocation();
    var read = InvocationToken.of(bytes(token));
    assertThat(tokens.invoke(read)).isPresent();
  }

  @Test
  void takingATokenZeroesTheArrayItCameIn() {
    var bytes = bytes(tokens.grant().shutdown());
    ShutdownToken.of(bytes);
    assertThat(bytes).containsOnly(0);
  }

  @Test
  void theBytesAreLentAndZeroedAfterwards() {
    var lent = tokens.grant().invocation().use(SecretAccess.granted(), array -> array);
    assertThat(lent).hasSize(Token.BYTES).containsOnly(0);
  }

  @Test
  void aClosedGrantHasNoBytesAndItsRightsLiveOn() {
    var grant = tokens.grant();
    var kept = bytes(grant.invocation());
    grant.close();
    grant.close();
    assertThat(grant.invocation().isDestroyed()).isTrue();
    assertThat(holds(grant, kept)).isFalse();
    assertThatExceptionOfType(ContextDestroyed.class).isThrownBy(() -> bytes(grant.shutdown()));
    assertThat(tokens.show(kept, Right.READ)).isPresent();
  }
}
