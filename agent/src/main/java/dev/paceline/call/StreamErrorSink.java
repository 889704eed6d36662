package dev.paceline.call;

import dev.paceline.provider.error.StreamErrors;
import dev.paceline.words.Classification;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Tells a call's course of an error that stands in the stream that it was served. */
final class StreamErrorSink implements BodySink {
  private final StreamErrors errors;
  private final CallExecution course;
  private final Clock clock;

  StreamErrorSink(StreamErrors errors, CallExecution course, Clock clock) {
    this.errors = errors;
    this.course = course;
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
      course.errorInStream(judgement);
    }
  }
}
