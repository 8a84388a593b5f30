package dev.cloister.tor.onionproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which lines of the operator a function's tor is started with. */
final class ProxyTorrcTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ControlPort 9051",
        "controlport 9051",
        "+SocksPort 9050",
        "/SocksPort",
        "SocksPort 9050",
        "SafeLogging 0",
        "Log debug stdout",
        "DataDirectory /tmp",
        "ClientTransportPlugin obfs4 exec /usr/bin/obfs4proxy",
        "ORPort 9001",
        "HiddenServiceDir /tmp/x",
        "MapAddress example.com 10.0.0.1",
        "ClientDNSRejectInternalAddresses 0",
        "__OwningControllerProcess 1",
        "%include /etc/tor/torrc",
        "User root",
        "Bridge 192.0.2.1:9001 \\",
        "Bridge 192.0.2.1:9001\\",
        "Bridge 192.0.2.1:9001\nControlPort 9051",
        " ControlPort 9051",
        "\"ControlPort\" 9051",
        "# ControlPort 9051",
        ""
      })
  void aLineThatSaysMoreThanWhichNetworkIsRefused(String line) {
    assertThatThrownBy(() -> new ProxyTorrc(List.of("UseBridges 1", line)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "UseBridges 1",
        "bridge 192.0.2.1:9001 E286B9F6C09F9FBF27D2937EA84E3C7C656742D9",
        "TestingTorNetwork 1",
        "ExcludeExitNodes E286B9F6C09F9FBF27D2937EA84E3C7C656742D9",
        "DirAuthority a orport=1 v3ident=00 127.0.0.1:1 00"
      })
  void aLineThatSaysWhichNetworkComesBeforeOurs(String line) {
    var text = new ProxyTorrc(List.of(line)).text(Path.of("/d"), Path.of("/d/empty"));
    assertThat(text.lines())
        .startsWith(line)
        .contains(
            "DataDirectory \"/d\"",
            "SocksPort unix:\"/d/socks/port\" ExtendedErrors",
            "ControlPort 0",
            "ClientOnly 1",
            "SafeLogging 1",
            "AvoidDiskWrites 1");
  }

  @Test
  void aDirectoryWhoseSocketsHaveNoRoomIsRefusedWithWhatIsAllowed() {
    assertThatCode(() -> ProxyTorrc.checkPath(Path.of("/run/cloister"))).doesNotThrowAnyException();
    for (var path : List.of("/" + "d".repeat(120), "/a\"b", "/a\nb", "/ä")) {
      assertThatThrownBy(() -> ProxyTorrc.checkPath(Path.of(path)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("107 bytes");
    }
  }
}
