package dev.cloister.sandbox.host;

import dev.cloister.sandbox.runtime.FetchRequest.Header;
import dev.cloister.sandbox.runtime.FetchResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLSocket;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.io.DefaultBHttpClientConnection;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.message.BasicClassicHttpRequest;
import org.apache.hc.core5.io.CloseMode;

/** One request and one answer of HTTP/1.1 on a connection of its own, within bounds. */
final class HttpExchange {
  /** The header, before the server's own, that says whose answer it is. */
  static final String PLACE = ":url";

  private static final int LINE_CHARACTERS = 16 << 10;
  private static final int HEADERS = 128;
  private static final int INTERIM_ANSWERS = 8;

  private static final Http1Config BOUNDS =
      Http1Config.custom()
          .setMaxLineLength(LINE_CHARACTERS)
          .setMaxHeaderCount(HEADERS)
          .setMaxEmptyLineCount(1)
          .build();

  private final DefaultBHttpClientConnection connection = new DefaultBHttpClientConnection(BOUNDS);
  private final int bodyBytes;

  private HttpExchange(int bodyBytes) {
    this.bodyBytes = bodyBytes;
  }

  static FetchResponse over(Socket socket, FetchUrl url, FetchHead head, byte[] body, int bodyBytes)
      throws IOException {
    var exchange = new HttpExchange(bodyBytes);
    try {
      if (socket instanceof SSLSocket secured) {
        exchange.connection.bind(secured, socket);
      } else {
        exchange.connection.bind(socket);
      }
      exchange.send(url, head, body);
      return exchange.receive(url, head.method().equals("HEAD"));
    } catch (HttpException e) {
      throw new IOException("the server's answer is no HTTP/1.1 within bounds", e);
    } finally {
      exchange.connection.close(CloseMode.IMMEDIATE);
    }
  }

  private void send(FetchUrl url, FetchHead head, byte[] body) throws IOException, HttpException {
    var request = new BasicClassicHttpRequest(head.method(), url.target());
    request.addHeader("Host", url.authority());
    head.headers().forEach(header -> request.addHeader(header.name(), header.value()));
    request.addHeader("Connection", "close");
    if (body.length > 0 || takesBody(head.method())) {
      request.addHeader("Content-Length", body.length);
      request.setEntity(new ByteArrayEntity(body, null));
    }
    connection.sendRequestHeader(request);
    connection.sendRequestEntity(request);
    connection.flush();
  }

  private static boolean takesBody(String method) {
    return Arrays.asList("POST", "PUT", "PATCH").contains(method);
  }

  private FetchResponse receive(FetchUrl url, boolean headAlone) throws IOException, HttpException {
    var response = connection.receiveResponseHeader();
    for (var interim = 0; response.getCode() < 200; interim++) {
      if (interim == INTERIM_ANSWERS || response.getCode() == 101) {
        throw new IOException(
            "the server answers with " + response.getCode() + " and nothing else");
      }
      response = connection.receiveResponseHeader();
    }
    var bodiless = headAlone || response.getCode() == 204 || response.getCode() == 304;
    var body = bodiless ? new byte[0] : body(response);
    var headers = new ArrayList<>(List.of(new Header(PLACE, url.toString())));
    for (var header : response.getHeaders()) {
      headers.add(new Header(header.getName(), header.getValue()));
    }
    return new FetchResponse(response.getCode(), headers, body);
  }

  private byte[] body(ClassicHttpResponse response) throws IOException, HttpException {
    connection.receiveResponseEntity(response);
    var entity = response.getEntity();
    if (entity == null) {
      return new byte[0];
    }
    var body = new ByteArrayOutputStream();
    var content = entity.getContent();
    var buffer = new byte[8 << 10];
    for (var count = content.read(buffer); count >= 0; count = content.read(buffer)) {
      if (body.size() + count > bodyBytes) {
        throw new IOException("the answer's body is longer than " + bodyBytes + " bytes");
      }
      body.write(buffer, 0, count);
    }
    return body.toByteArray();
  }
}
