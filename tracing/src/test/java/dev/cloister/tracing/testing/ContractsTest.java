package dev.cloister.tracing.testing;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.cloister.tracing.capture.Frame;
import dev.cloister.tracing.capture.FrameHandler;
import dev.cloister.tracing.capture.PacketSource;
import dev.cloister.tracing.flow.Direction;
import dev.cloister.tracing.flow.EndCause;
import dev.cloister.tracing.flow.Flow;
import dev.cloister.tracing.record.Emitter;
import dev.cloister.tracing.record.Field;
import dev.cloister.tracing.record.FieldType;
import dev.cloister.tracing.record.Parser;
import dev.cloister.tracing.record.RawRecord;
import dev.cloister.tracing.record.Schema;
import dev.cloister.tracing.record.StreamParser;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** The contracts catch those that break them. */
final class ContractsTest {
  private static final Schema.Builder BUILDER = Schema.named("first");
  private static final Field LINE = BUILDER.field("line", FieldType.TEXT, "what was said");
  private static final Schema SCHEMA = BUILDER.build();

  /** A parser that is one method. */
  private record Made(Function<Emitter, StreamParser> make) implements Parser {
    @Override
    public Schema schema() {
      return SCHEMA;
    }

    @Override
    public StreamParser open(Flow flow, Emitter emitter) {
      return make.apply(emitter);
    }
  }

  /** What the bad parsers have in common: they do nothing but what is bad in them. */
  private abstract static class Silent implements StreamParser {
    final Emitter emitter;

    Silent(Emitter emitter) {
      this.emitter = emitter;
    }

    RawRecord found(byte[] bytes, int offset, int length) {
      var found = emitter.record();
      found.set(LINE, bytes, offset, length);
      return found;
    }

    @Override
    public boolean gap(Direction direction, long length, long timeNanos) {
      return true;
    }

    @Override
    public void end(EndCause cause, long timeNanos) {}
  }

  /** Remembers the array, and reads it when the connection ends. */
  private static final class KeepsAView extends Silent {
    private byte[] kept = {};
    private int from;
    private int bytes;

    KeepsAView(Emitter emitter) {
      super(emitter);
    }

    @Override
    public boolean data(Direction direction, byte[] view, int offset, int length, long timeNanos) {
      kept = view;
      from = offset;
      bytes = length;
      return true;
    }

    @Override
    public void end(EndCause cause, long timeNanos) {
      emitter.emit(found(kept, from, bytes));
    }
  }

  /** Takes a piece for a whole. */
  private static final class TrustsPackets extends Silent {
    TrustsPackets(Emitter emitter) {
      super(emitter);
    }

    @Override
    public boolean data(Direction direction, byte[] view, int offset, int length, long timeNanos) {
      emitter.emit(found(view, offset, length));
      return true;
    }
  }

  /** Writes into what it was lent. */
  private static final class Changes extends Silent {
    Changes(Emitter emitter) {
      super(emitter);
    }

    @Override
    public boolean data(Direction direction, byte[] view, int offset, int length, long timeNanos) {
      view[offset] ^= 1;
      return true;
    }
  }

  /** Goes on with a record that it gave away. */
  private static final class EmitsTwice extends Silent {
    EmitsTwice(Emitter emitter) {
      super(emitter);
    }

    @Override
    public boolean data(Direction direction, byte[] view, int offset, int length, long timeNanos) {
      var found = found(view, offset, length);
      emitter.emit(found);
      emitter.emit(found);
      return true;
    }
  }

  /** Runs the contract on a parser. */
  private static ParserContract contract(Function<Emitter, StreamParser> make) {
    return new ParserContract() {
      @Override
      protected Parser parser() {
        return new Made(make);
      }

      @Override
      protected void converse(ParserHarness connection) {
        connection.client("hello\n").server("world\n");
      }
    };
  }

  @Test
  void aParserThatKeepsAViewIsCaught() {
    var contract = contract(KeepsAView::new);
    assertThatExceptionOfType(AssertionError.class)
        .isThrownBy(contract::noViewIsKeptAndNothingIsReadAroundIt)
        .withMessageContaining("after its call, or around it");
  }

  @Test
  void aParserThatTakesAPacketForAMessageIsCaught() {
    var contract = contract(TrustsPackets::new);
    assertThatExceptionOfType(AssertionError.class)
        .isThrownBy(contract::howPacketsCutAStreamMakesNoDifference)
        .withMessageContaining("in pieces of 1 bytes");
  }

  @Test
  void aParserThatChangesWhatItWasLentIsCaught() {
    assertThatIllegalStateException()
        .isThrownBy(contract(Changes::new)::aConversationGivesRecords)
        .withMessageContaining("changed the bytes");
  }

  @Test
  void aParserThatEmitsARecordTwiceIsCaught() {
    assertThatIllegalStateException()
        .isThrownBy(contract(EmitsTwice::new)::aConversationGivesRecords)
        .withMessageContaining("had emitted before");
  }

  /** A source that is right but for what a test changes. */
  private static class Altered implements PacketSource {
    final PacketSource right;

    Altered(List<byte[]> frames) {
      this.right = MemorySource.of(frames).open();
    }

    @Override
    public int poll(FrameHandler handler, int most) throws IOException {
      return right.poll(handler, most);
    }

    @Override
    public boolean canWait() {
      return true;
    }

    @Override
    public Optional<Damage> damage() {
      return Optional.empty();
    }

    @Override
    public long bytesRead() {
      return right.bytesRead();
    }

    @Override
    public long bytesTotal() {
      return right.bytesTotal();
    }

    @Override
    public void stop() {
      right.stop();
    }

    @Override
    public void close() throws IOException {
      right.close();
    }
  }

  private static PacketSourceContract contractOf(Function<List<byte[]>, PacketSource> make) {
    return new PacketSourceContract() {
      @Override
      protected PacketSource open(List<byte[]> frames) {
        return make.apply(frames);
      }
    };
  }

  @Test
  void aSourceThatGivesMoreThanItWasAskedForIsCaught() {
    var contract =
        contractOf(frames ->
            new Altered(frames) {
              @Override
              public int poll(FrameHandler handler, int most) throws IOException {
                return super.poll(handler, most + 1);
              }
            });
    assertThatExceptionOfType(AssertionError.class)
        .isThrownBy(contract::noMoreComeThanWereAskedFor)
        .withMessageContaining("more came than were asked for");
  }

  @Test
  void aSourceThatGoesOnAfterStopIsCaught() {
    var contract =
        contractOf(frames ->
            new Altered(frames) {
              @Override
              public void stop() {}
            });
    assertThatExceptionOfType(AssertionError.class).isThrownBy(contract::afterStopNoFrameComes);
  }

  @Test
  void aSourceThatDoesNotSayThatItHasEndedIsCaught() {
    var contract =
        contractOf(frames ->
            new Altered(frames) {
              @Override
              public int poll(FrameHandler handler, int most) throws IOException {
                return Math.max(0, super.poll(handler, most));
              }
            });
    assertThatExceptionOfType(AssertionError.class)
        .isThrownBy(contract::afterTheLastThereIsNoneAnyMore)
        .withMessageContaining("does not say that it has ended");
  }

  @Test
  void aSourceThatCutsFramesIsCaught() {
    var contract =
        contractOf(frames ->
            new Altered(frames) {
              @Override
              public int poll(FrameHandler handler, int most) throws IOException {
                return super.poll(frame -> handler.frame(shorter(frame)), most);
              }
            });
    assertThatExceptionOfType(AssertionError.class).isThrownBy(contract::framesComeInOrderAndWhole);
  }

  private static Frame shorter(Frame frame) {
    return frame.set(
        frame.bytes(),
        frame.offset(),
        frame.length() - 1,
        frame.length() - 1,
        frame.linkType(),
        frame.timeNanos());
  }
}
