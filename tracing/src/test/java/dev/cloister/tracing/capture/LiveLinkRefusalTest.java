package dev.cloister.tracing.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.cloister.core.Description;
import dev.cloister.core.Mode;
import dev.cloister.core.internal.os.OperatingSystem;
import dev.cloister.core.testing.RequiresProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A link that cannot be: one clear line that says what to do. */
final class LiveLinkRefusalTest {
  private static final LiveLink LOOPBACK = LiveLink.on("lo").ring(8192, 4096);

  private static void refused(LiveLink link, String message) {
    assertThatExceptionOfType(NotALink.class).isThrownBy(link::probe).withMessage(message);
  }

  static Stream<Arguments> settings() {
    return Stream.of(
        Arguments.of(
            setting(_ -> LiveLink.on("no such link")),
            "interface \"no such link\": allowed are 1 to 15 characters without space or slash"),
        Arguments.of(
            setting(_ -> LiveLink.on("sixteen-letters-")),
            "interface \"sixteen-letters-\": allowed are 1 to 15 characters without space or"
                + " slash"),
        Arguments.of(setting(link -> link.snapBytes(63)), "snapBytes 63: must be at least 64"),
        Arguments.of(
            setting(link -> link.ring(8192, 5000)),
            "blockBytes 5000: allowed are multiples of 4096 from 4096 to 16777216"),
        Arguments.of(
            setting(link -> link.ring(4096, 4096)),
            "ringBytes 4096: allowed are multiples of the block's 4096, from 2 to 32767 of them"),
        Arguments.of(
            setting(link -> link.fanoutGroup(65_536)),
            "fanoutGroup 65536: allowed are 0 to 65535, and -1 for none"));
  }

  private static UnaryOperator<LiveLink> setting(UnaryOperator<LiveLink> change) {
    return change;
  }

  @ParameterizedTest
  @MethodSource("settings")
  void aSettingOutOfItsBoundsIsNamed(UnaryOperator<LiveLink> change, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> change.apply(LOOPBACK))
        .withMessage(message);
  }

  @Test
  void aLabHasNoLiveLink() {
    assertThat(LOOPBACK.runsIn(Mode.LAB)).isFalse();
    assertThat(LOOPBACK.runsIn(Mode.SEALED)).isTrue();
  }

  @Test
  void whatDecidesWhatMayComeIsMeasured() {
    var description = new Description();
    LOOPBACK.promiscuous(false).snapBytes(96).describe(description);
    assertThat(description.text())
        .isEqualTo(
            """
            source: link
            interface: lo
            snap-bytes: 96
            promiscuous: false
            filter: 00060000ffffffff
            fanout-group: -1
            """);
  }

  @Test
  @RequiresProgram(
      value = {},
      root = true)
  void anInterfaceThatIsNotThereIsNamed() {
    refused(
        LiveLink.on("nowhere0"),
        "interface nowhere0: ioctl(SIOCGIFINDEX) failed: ENODEV: there is no such interface, \"ip"
            + " link\" lists those there are");
  }

  @Test
  @RequiresProgram(
      value = {},
      root = true)
  void withoutTheRightToCaptureTheRightIsNamed() throws IOException {
    Veth.onAThread(() -> {
      OperatingSystem.current().confining().becomeUser(65_534, 65_534);
      refused(LOOPBACK, "interface lo: socket failed: EPERM: capturing takes root, or CAP_NET_RAW");
      return true;
    });
  }

  @Test
  @RequiresProgram(
      value = {},
      root = true)
  void aProgramThatTheKernelDoesNotTakeIsRefused() {
    // It ends without a verdict.
    refused(
        LOOPBACK.filter(PacketFilter.parse("1\n0 0 0 0")),
        "interface lo: setsockopt(SO_ATTACH_FILTER) failed: EINVAL: the filter is no program that"
            + " the kernel takes");
  }

  @Test
  @RequiresProgram(
      value = {},
      root = true)
  void aFilterForAnotherKindOfLinkIsRefused() throws IOException {
    refused(
        LOOPBACK.filter(PacketFilter.compile("udp", 101)),
        "interface lo: its frames are of link type 1: compile the filter for that");
  }

  @Test
  @RequiresProgram(
      value = {},
      root = true)
  void aProbeLeavesNothingOpen() throws IOException {
    assertThat(LOOPBACK.probe()).isEmpty();
    assertThat(Files.readString(Path.of("/proc/self/maps"))).doesNotContain("socket:");
  }
}
