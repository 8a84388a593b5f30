package dev.cloister.sandbox.guest;

import dev.cloister.sandbox.guest.FrameReader.Frame;
import java.util.Optional;

/** The frames by which a guest says how it ended. */
final class LastWord {
  private static final int DONE = 0x20;
  private static final int RAISED = 0x21;

  private LastWord() {}

  /** How it ended; empty when the frame says no such thing. */
  static Optional<GuestEnd> of(Frame frame) throws Ended {
    var fields = frame.fields();
    return switch (frame.type) {
      case DONE -> {
        var code = fields.u8();
        fields.end();
        yield Optional.of(new GuestEnd.Exited(code));
      }
      case RAISED -> {
        Fields.check(frame.length() <= Answer.TEXT_BYTES);
        yield Optional.of(new GuestEnd.Raised(printable(fields.restAsText())));
      }
      default -> Optional.empty();
    };
  }

  /** A stranger's text goes to terminals and logs. */
  private static String printable(String text) {
    return text.replaceAll("\\p{C}", "?");
  }
}
