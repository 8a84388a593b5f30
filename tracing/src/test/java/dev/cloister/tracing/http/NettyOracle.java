package dev.cloister.tracing.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpObjectDecoder;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;

/** What netty reads in the two halves of a connection, as {@link Wire.Told} would say it. */
final class NettyOracle {
  private NettyOracle() {}

  /**
   * A message as netty has it.
   *
   * @param start the method and the target, or the status and the reason
   * @param version such as HTTP/1.1
   * @param headers how many header fields
   * @param contentType the header fields of that name, joined
   * @param bodyBytes how long the content is, without chunks
   */
  record Message(String start, String version, int headers, String contentType, long bodyBytes) {}

  /** Knows which responses have no content though their heads promise some. */
  private static final class AnsweringDecoder extends HttpResponseDecoder {
    private final Queue<String> methods;

    AnsweringDecoder(List<Message> requests) {
      this.methods = new ArrayDeque<>();
      requests.forEach(request -> methods.add(request.start().split(" ", -1)[0]));
    }

    @Override
    protected boolean isContentAlwaysEmpty(HttpMessage message) {
      var isInterim = message instanceof HttpResponse response && response.status().code() < 200;
      var answersHead = !isInterim && "HEAD".equals(methods.poll());
      return answersHead || super.isContentAlwaysEmpty(message);
    }
  }

  static List<Message> requests(byte[] stream) {
    return messages(new HttpRequestDecoder(), stream);
  }

  static List<Message> responses(byte[] stream, List<Message> requests) {
    return messages(new AnsweringDecoder(requests), stream);
  }

  private static List<Message> messages(HttpObjectDecoder decoder, byte[] stream) {
    var channel = new EmbeddedChannel(decoder);
    channel.writeInbound(Unpooled.wrappedBuffer(stream));
    channel.finish();
    var reading = new Reading();
    for (HttpObject read = channel.readInbound(); read != null; read = channel.readInbound()) {
      reading.take(read);
    }
    return reading.messages;
  }

  /** Puts the pieces of messages together. */
  private static final class Reading {
    final List<Message> messages = new ArrayList<>();
    private long bodyBytes;
    private String start = "";
    private String version = "";
    private int headers;
    private String contentType = "";

    void take(HttpObject read) {
      if (!read.decoderResult().isSuccess()) {
        throw new AssertionError("netty refuses what was to be well-formed: " + read);
      }
      if (read instanceof HttpMessage message) {
        start = start(message);
        version = message.protocolVersion().text();
        headers = message.headers().size();
        contentType = String.join(", ", message.headers().getAll("content-type"));
        bodyBytes = 0;
      }
      if (read instanceof HttpContent content) {
        bodyBytes += content.content().readableBytes();
        content.release();
      }
      if (read instanceof LastHttpContent) {
        messages.add(new Message(start, version, headers, contentType, bodyBytes));
      }
    }

    private static String start(HttpMessage message) {
      return switch (message) {
        case HttpRequest request -> request.method().name() + " " + request.uri();
        case HttpResponse response ->
            response.status().code() + " " + response.status().reasonPhrase();
        default -> throw new AssertionError("neither request nor response: " + message);
      };
    }
  }
}
