package dev.cloister.sandbox.session;

import dev.cloister.core.key.SecretAccess;
import dev.cloister.core.policy.Manifest;
import dev.cloister.core.token.InvocationToken;
import dev.cloister.core.token.Token;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** What a client says, byte for byte. */
final class Wire {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  static Wire hello() {
    return new Wire().frame(Greeting.HELLO, Greeting.hello(ClientLimits.FRAME_BYTES_DEFAULT));
  }

  Wire frame(int type, Body body) {
    return raw(bytes(body.frame(type)));
  }

  Wire raw(byte[] more) {
    bytes.writeBytes(more);
    return this;
  }

  Wire ask(Ask ask) {
    return frame(ask.type, new Body());
  }

  byte[] bytes() {
    return bytes.toByteArray();
  }

  static byte[] bytes(ByteBuffer buffer) {
    var bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }

  /** The token of a cell, to show it again and again. */
  static byte[] token(RemoteCell cell) {
    try (var grant = cell.grant()) {
      return grant.invocation().use(SecretAccess.granted(), byte[]::clone);
    }
  }

  static Body shown(byte[] token) {
    try (var copy = InvocationToken.of(token.clone())) {
      return new Body().shown(copy);
    }
  }

  /** The fields of each request, in an order in which all of them are good. */
  static Body fields(Ask ask, byte[] token, Manifest manifest) {
    return switch (ask) {
      case POLICY, POLL, STATUS -> new Body();
      case EVIDENCE -> new Body().bytes(new byte[CellClient.EVIDENCE_NONCE_BYTES]);
      case START -> Papers.write(manifest.document());
      case LOAD -> load(token);
      case CALL -> shown(token).u32(20).bytes(new byte[] {'c'});
      case SEND -> shown(token).bytes(new byte[] {'s'});
      case END_INPUT, SHUT_DOWN -> shown(token);
      case ATTACH -> shown(token).i64(-1);
      case RECEIVE -> new Body().u32(1).i64(-1);
      case DELEGATE -> shown(token).i64(1).i64(1).u8(7);
    };
  }

  private static Body load(byte[] token) {
    return shown(token)
        .u32(Node.CODE.length)
        .u32(0)
        .bytes(Node.CODE)
        .paddedTo(LoadBuckets.SMALLEST_BYTES);
  }

  static byte[] noToken() {
    var token = new byte[Token.BYTES];
    Arrays.fill(token, (byte) 9);
    return token;
  }
}
