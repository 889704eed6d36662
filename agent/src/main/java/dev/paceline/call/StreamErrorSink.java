package dev.paceline.call;

import dev.paceline.provider.error.StreamErrors;
import dev.paceline.words.Classification;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Reports an error that stands in a stream that was served. */
final class StreamErrorSink implements BodySink {
  private final StreamErrors errors;
  private final ResponseFeedback feedback;
  private final Clock clock;

  StreamErrorSink(StreamErrors errors, ResponseFeedback feedback, Clock clock) {
    this.errors = errors;
    this.feedback = feedback;
    this.clock = clock;
  }

  @Override
  public void bytes(ByteBuffer bytes) {
    tell(errors.feed(bytes, clock.epochMillis()));
  }

  @Override
  public void end(boolean complete) {
    // Also of a body that broke off: providers close the connection behind an error.
    tell(errors.end(clock.epochMillis()));
  }

  private void tell(@Nullable Classification judgement) {
    if (judgement != null) {
      feedback.errorInStream(judgement);
    }
  }
}
