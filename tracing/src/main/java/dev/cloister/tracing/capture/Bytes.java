package dev.cloister.tracing.capture;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Numbers in byte arrays, in the byte order of a file. */
final class Bytes {
  private static final VarHandle INT_BIG =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle INT_LITTLE =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  private final boolean isBig;

  Bytes(ByteOrder order) {
    this.isBig = order == ByteOrder.BIG_ENDIAN;
  }

  boolean isBigEndian() {
    return isBig;
  }

  static int intBig(byte[] bytes, int offset) {
    return (int) INT_BIG.get(bytes, offset);
  }

  int int32(byte[] bytes, int offset) {
    return isBig ? (int) INT_BIG.get(bytes, offset) : (int) INT_LITTLE.get(bytes, offset);
  }

  long uint32(byte[] bytes, int offset) {
    return Integer.toUnsignedLong(int32(bytes, offset));
  }

  int uint16(byte[] bytes, int offset) {
    var first = Byte.toUnsignedInt(bytes[offset]);
    var second = Byte.toUnsignedInt(bytes[offset + 1]);
    return isBig ? first << Byte.SIZE | second : second << Byte.SIZE | first;
  }
}
