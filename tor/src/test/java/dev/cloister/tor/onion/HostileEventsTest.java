package dev.cloister.tor.onion;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cloister.tor.OnionAddress;
import dev.cloister.tor.control.ControlLimits;
import dev.cloister.tor.control.NewOnion;
import dev.cloister.tor.control.ScriptedLink;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A tor that tells of a service's uploads what it likes, or nothing. */
@Timeout(30)
final class HostileEventsTest {
  private static final OnionAddress ADDRESS = OnionAddress.of(new byte[32]);
  private static final String ID = ADDRESS.text().substring(0, 56);
  private static final Duration SHORT = Duration.ofMillis(300);

  private static String upload(String id, String relay) {
    return "650 HS_DESC UPLOAD %s UNKNOWN $%s~r desc HSDIR_INDEX=00\r\n"
        .formatted(id, relay.repeat(40));
  }

  private static String ended(String how, String id, String relay) {
    return "650 HS_DESC %s %s UNKNOWN $%s~r%s\r\n"
        .formatted(
            how, id, relay.repeat(40), how.equals("FAILED") ? " REASON=UPLOAD_REJECTED" : "");
  }

  /** Begins a service; what was asked is added to the list. */
  private static OnionService begin(String events, List<String> asked) throws IOException {
    var control =
        ScriptedLink.control(
            ControlLimits.DEFAULT,
            command -> {
              asked.add(command.strip());
              return command.startsWith("ADD_ONION")
                  ? "250-ServiceID=" + ID + "\r\n250 OK\r\n" + events
                  : "250 OK\r\n";
            });
    return OnionService.begin(
        control,
        NewOnion.serving(80, new InetSocketAddress(InetAddress.getLoopbackAddress(), 1))
            .discardKey());
  }

  static List<String> eventsThatPublishNothing() {
    var other = OnionAddress.of(ADDRESS.text().substring(0, 32).getBytes(US_ASCII)).text();
    return List.of(
        "",
        ended("FAILED", ID, "A").repeat(20_000),
        (upload(ID, "A") + ended("FAILED", ID, "A")).repeat(5_000),
        ended("UPLOADED", ID, "A").repeat(5_000),
        upload(other.substring(0, 56), "A") + ended("UPLOADED", other.substring(0, 56), "A"),
        "650 HS_DESC UPLOADED\r\n650 HS_DESC NONSENSE a b c\r\n650 HS_DESC\r\n");
  }

  @ParameterizedTest
  @MethodSource("eventsThatPublishNothing")
  void aWaitEndsInTimeAndSaysHowFarItCame(String events) throws IOException {
    var service = begin(events, new ArrayList<>());
    assertThatThrownBy(() -> service.awaitPublished(SHORT))
        .isInstanceOf(SocketTimeoutException.class)
        .hasMessageContaining("onion service " + ADDRESS.text() + " was not published within")
        .hasMessageContaining("0 of ");
    service.close();
  }

  @Test
  void whatFailedToBePublishedIsRemoved() throws IOException {
    var asked = new ArrayList<String>();
    try (var control =
        ScriptedLink.control(
            ControlLimits.DEFAULT,
            command -> {
              asked.add(command.strip());
              return command.startsWith("ADD_ONION")
                  ? "250-ServiceID=" + ID + "\r\n250 OK\r\n"
                  : "250 OK\r\n";
            })) {
      var plan =
          NewOnion.serving(80, new InetSocketAddress(InetAddress.getLoopbackAddress(), 1))
              .discardKey()
              .detached();
      assertThatThrownBy(() -> OnionService.publish(control, plan, SHORT))
          .isInstanceOf(SocketTimeoutException.class);
    }
    assertThat(asked).contains("DEL_ONION " + ID);
  }

  @Test
  void whenTheConnectionEndsTheServiceIsNamed() throws IOException {
    var service = begin(upload(ID, "A") + ScriptedLink.CLOSES, new ArrayList<>());
    assertThatThrownBy(() -> service.awaitPublished(Duration.ofMinutes(5)))
        .hasMessageContaining("onion service " + ADDRESS.text())
        .hasMessageContaining("ended before it was published (0 of 1 uploads taken, 1 under way)");
    service.close();
  }

  @Test
  void mostUploadsSufficeWhenTheOthersDoNotEndInTime() throws IOException {
    var events =
        upload(ID, "A")
            + upload(ID, "B")
            + upload(ID, "C")
            + ended("UPLOADED", ID, "A")
            + ended("UPLOADED", ID, "B");
    begin(events, new ArrayList<>()).awaitPublished(SHORT);
  }

  @Test
  void eventsAreAskedForBeforeTheServiceIsMade() throws IOException {
    var asked = new ArrayList<String>();
    begin("", asked).close();
    assertThat(asked).first().isEqualTo("SETEVENTS HS_DESC");
    assertThat(asked.get(1)).startsWith("ADD_ONION");
    assertThat(asked).endsWith("SETEVENTS", "DEL_ONION " + ID);
  }
}
