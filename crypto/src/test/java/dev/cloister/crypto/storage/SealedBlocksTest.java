package dev.cloister.crypto.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.cloister.core.key.EphemeralKey;
import dev.cloister.core.key.SecretMemory;
import dev.cloister.crypto.storage.BlockCodec.Place;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a stored block is, byte for byte, and what opens it. */
class SealedBlocksTest {
  private static final int BLOCK_BYTES = 4096;
  private static final int PAYLOAD_BYTES = BLOCK_BYTES - BlockCodec.OVERHEAD_BYTES;
  private static final Place PLACE = new Place(0x1122334455667788L, 2, 3);

  private final SealedBlocks codec = new SealedBlocks();
  private final SecretMemory memory = SecretMemory.onHeap(1024);
  private final byte[] secret = OpenStore.record(1, SealedBlocks.KEY_BYTES);
  private final EphemeralKey key = memory.keep(secret.clone());
  private final byte[] payload = OpenStore.record(2, PAYLOAD_BYTES);
  private final byte[] stored = new byte[BLOCK_BYTES];

  @AfterEach
  void destroyTheKeys() {
    memory.close();
  }

  private Loss lossOf(EphemeralKey with, Place at, byte[] block) {
    var damage =
        catchThrowableOfType(
            BlockDamaged.class, () -> codec.read(with, at, block, new byte[PAYLOAD_BYTES]));
    return damage.loss();
  }

  @Test
  void aBlockIsItsHeaderAndWhatAnyAesGcmMakesOfThePayload() throws Exception {
    codec.write(key, PLACE, payload, stored);
    var header =
        HexFormat.of()
            .parseHex(
                "434c5342"
                    + "00000001"
                    + "1122334455667788"
                    + "0000000000000002"
                    + "00000003"
                    + "00000000");
    var nonce = HexFormat.of().parseHex("0000000000000000" + "00000003");
    var cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(
        Cipher.ENCRYPT_MODE, new SecretKeySpec(secret, "AES"), new GCMParameterSpec(128, nonce));
    cipher.updateAAD(header);
    var expected = ByteBuffer.allocate(BLOCK_BYTES).put(header).put(cipher.doFinal(payload));
    assertThat(stored).isEqualTo(expected.array());
  }

  @Test
  void aBlockOpensInItsPlaceWithItsKey() throws Exception {
    codec.write(key, PLACE, payload, stored);
    var opened = new byte[PAYLOAD_BYTES];
    codec.read(key, PLACE, stored, opened);
    assertThat(opened).isEqualTo(payload);
  }

  @Test
  void aBlockDoesNotOpenWithAnotherKey() {
    codec.write(key, PLACE, payload, stored);
    assertThat(lossOf(memory.randomKey(SealedBlocks.KEY_BYTES), PLACE, stored))
        .isEqualTo(Loss.ALTERED);
  }

  @Test
  void aBlockDoesNotOpenInAnotherPlaceThoughItsHeaderSaysSo() {
    codec.write(key, PLACE, payload, stored);
    var elsewhere = new Place(PLACE.store(), 4, PLACE.index());
    assertThat(lossOf(key, elsewhere, stored)).isEqualTo(Loss.SWAPPED);
    System.arraycopy(SealedBlocks.header(elsewhere), 0, stored, 0, SealedBlocks.HEADER_BYTES);
    assertThat(lossOf(key, elsewhere, stored)).isEqualTo(Loss.ALTERED);
  }
}
