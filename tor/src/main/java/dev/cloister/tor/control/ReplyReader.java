package dev.cloister.tor.control;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * Cuts a control port's bytes into answers and events, whatever pieces they come in, and holds no
 * more of them than the limits say. Not thread-safe.
 */
final class ReplyReader {
  /** What a line costs beside its bytes. */
  private static final int LINE_COST = 64;

  private static final int STATUS_DIGITS = 3;

  private final ControlLimits limits;
  private final Consumer<Reply> into;
  private final Growing line;
  private final Growing data;
  private final List<Reply.Line> lines = new ArrayList<>();
  private boolean carriageReturn;
  private boolean inData;
  private String dataText = "";
  private int dataStatus;

  /** Counted over all lines of the reply that is being read. */
  private long replyBytes;

  /** Bytes in an array that grows by need. */
  private static final class Growing {
    private byte[] bytes = new byte[256];
    private int length;

    void add(byte value) {
      if (length == bytes.length) {
        bytes = Arrays.copyOf(bytes, length * 2);
      }
      bytes[length++] = value;
    }

    void add(byte[] from, int start, int end) {
      for (var i = start; i < end; i++) {
        add(from[i]);
      }
    }

    String text(int from) {
      return new String(bytes, from, length - from, UTF_8);
    }

    /** Forgets what it holds, and gives back what a long answer took. */
    void clear() {
      length = 0;
      if (bytes.length > 1 << 16) {
        bytes = new byte[256];
      }
    }
  }

  ReplyReader(ControlLimits limits, Consumer<Reply> into) {
    this.limits = limits;
    this.into = into;
    this.line = new Growing();
    this.data = new Growing();
  }

  /** Tells whether part of an answer has come. */
  boolean isInside() {
    return inData || line.length > 0 || carriageReturn || !lines.isEmpty();
  }

  void read(ByteBuffer bytes) throws ControlViolation {
    while (bytes.hasRemaining()) {
      var value = bytes.get();
      if (carriageReturn) {
        if (value != '\n') {
          throw new ControlViolation("a carriage return inside a line");
        }
        carriageReturn = false;
        lineEnded();
      } else if (value == '\r') {
        carriageReturn = true;
      } else if (value == '\n' || value == 0) {
        throw new ControlViolation("a line feed without a carriage return, or a zero byte");
      } else if (line.length == limits.lineBytes()) {
        throw new ControlViolation("a line of more than " + limits.lineBytes() + " bytes");
      } else {
        line.add(value);
      }
    }
  }

  private void lineEnded() throws ControlViolation {
    replyBytes += line.length + LINE_COST;
    if (replyBytes > limits.replyBytes()) {
      throw new ControlViolation("an answer of more than " + limits.replyBytes() + " bytes");
    }
    if (inData) {
      dataLine();
    } else {
      replyLine();
    }
    line.clear();
  }

  private void dataLine() {
    if (line.length == 1 && line.bytes[0] == '.') {
      inData = false;
      lines.add(new Reply.Line(dataStatus, dataText, data.text(0)));
      data.clear();
      return;
    }
    data.add(line.bytes, line.length > 0 && line.bytes[0] == '.' ? 1 : 0, line.length);
    data.add((byte) '\n');
  }

  private void replyLine() throws ControlViolation {
    var status = status();
    var text = line.text(STATUS_DIGITS + 1);
    if (!lines.isEmpty() && (lines.getFirst().status() == 650) != (status == 650)) {
      throw new ControlViolation("an event inside an answer");
    }
    switch (line.bytes[STATUS_DIGITS]) {
      case '-' -> lines.add(new Reply.Line(status, text, ""));
      case '+' -> {
        inData = true;
        dataStatus = status;
        dataText = text;
      }
      case ' ' -> {
        lines.add(new Reply.Line(status, text, ""));
        var reply = new Reply(status, lines);
        lines.clear();
        replyBytes = 0;
        into.accept(reply);
      }
      default -> throw new ControlViolation("a line without ' ', '-' or '+' after its status");
    }
  }

  private int status() throws ControlViolation {
    if (line.length <= STATUS_DIGITS) {
      throw new ControlViolation("a line of " + line.length + " bytes: must begin with a status");
    }
    var status = 0;
    for (var i = 0; i < STATUS_DIGITS; i++) {
      var digit = line.bytes[i] - '0';
      if (digit < 0 || digit > 9) {
        throw new ControlViolation("a line that does not begin with a status of three digits");
      }
      status = status * 10 + digit;
    }
    return status;
  }
}
