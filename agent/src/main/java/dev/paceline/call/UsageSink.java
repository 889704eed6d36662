package dev.paceline.call;

import dev.paceline.limit.Permit;
import dev.paceline.tokens.Usage;
import dev.paceline.tokens.UsageScanner;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Reports what an answer says that its call did cost, also when it broke off. */
final class UsageSink implements BodySink {
  private final UsageScanner scanner;
  private final ResponseFeedback feedback;
  private final @Nullable Permit attempt;
  private final boolean stream;

  UsageSink(
      UsageScanner scanner, ResponseFeedback feedback, @Nullable Permit attempt, boolean stream) {
    this.scanner = scanner;
    this.feedback = feedback;
    this.attempt = attempt;
    this.stream = stream;
  }

  @Override
  public void bytes(ByteBuffer bytes) {
    scanner.bytes(bytes);
  }

  @Override
  public void end(boolean complete) {
    Usage usage = scanner.usage();
    if (usage != null) {
      feedback.used(usage, attempt, stream);
    }
  }
}
