package dev.cloister.tor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class NodeAddressTest {
  private static final String PIN =
      "/" + "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
  private static final String ONION =
      "onion:2gzyxa5ihm7nsggfxnu52rck2vv4rvmdlkiu3zzui5du4xyclen53wid.onion:443" + PIN;
  private static final String EXIT = "exit:0123456789ABCDEF0123456789ABCDEF01234567:65535" + PIN;
  private static final String LOOPBACK = "loopback:1" + PIN;

  @ParameterizedTest
  @ValueSource(strings = {ONION, EXIT, LOOPBACK})
  void aLineIsReadAndWrittenAsItWas(String line) {
    var address = NodeAddress.parse(line);
    assertThat(address.text()).isEqualTo(line);
    assertThat(NodeAddress.parse(address.text())).isEqualTo(address);
    assertThat(line.length()).isLessThanOrEqualTo(NodeAddress.CHARACTERS_MAX);
  }

  @Test
  void aLineSaysTheWayAndTheKey() {
    var address = NodeAddress.parse(EXIT);
    assertThat(address.reach())
        .isEqualTo(
            new NodeAddress.Exit(
                new Fingerprint("0123456789ABCDEF0123456789ABCDEF01234567"), 65_535));
    assertThat(address.pin().hex()).isEqualTo(PIN.substring(1));
  }

  /** None of them could make a client ask a resolver, or connect to another host. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "loopback:1",
        "loopback:0" + PIN,
        "loopback:01" + PIN,
        "loopback:65536" + PIN,
        "loopback:1" + PIN + "\n",
        " loopback:1" + PIN,
        "loopback:1" + PIN + PIN,
        "loopback:1/0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF",
        "loopback:192.0.2.1:1" + PIN,
        "exit:0123456789abcdef0123456789abcdef01234567:1" + PIN,
        "exit:$0123456789ABCDEF0123456789ABCDEF01234567:1" + PIN,
        "exit:example.com:1" + PIN,
        "onion:example.com:443" + PIN,
        "onion:2GZYXA5IHM7NSGGFXNU52RCK2VV4RVMDLKIU3ZZUI5DU4XYCLEN53WID.onion:443" + PIN,
        "onion:2gzyxa5ihm7nsggfxnu52rck2vv4rvmdlkiu3zzui5du4xyclen53wie.onion:443" + PIN,
        "onion:x.2gzyxa5ihm7nsggfxnu52rck2vv4rvmdlkiu3zzui5du4xyclen53wid.onion:443" + PIN,
        "Loopback:1" + PIN
      })
  void whatIsNoAddressIsRefused(String line) {
    assertThatThrownBy(() -> NodeAddress.parse(line)).isInstanceOf(IllegalArgumentException.class);
  }
}
