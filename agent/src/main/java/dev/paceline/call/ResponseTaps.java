package dev.paceline.call;

import dev.paceline.limit.Permit;
import dev.paceline.provider.error.StreamErrors;
import dev.paceline.tokens.UsageScanner;
import dev.paceline.words.Headers;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Chooses what looks at the body of a served answer while it passes to the application. */
final class ResponseTaps {
  private static final Pattern GZIP = Pattern.compile("(?i)\\s*(?:x-)?gzip\\s*");

  private final CallContext call;

  ResponseTaps(CallContext call) {
    this.call = call;
  }

  /**
   * The tap of an answer; null when there is nothing to look for.
   *
   * @param errorTold the error that its first event may be was counted already
   */
  @Nullable BodyTap tap(
      int status,
      Headers headers,
      boolean errorTold,
      HeldPermit permit,
      AttemptReporter reporter,
      ResponseFeedback feedback) {
    if (status < 200 || status > 299) {
      return null;
    }
    FaultPoint.pass("tap");
    StreamErrors errors = StreamErrors.of(call.dialect(), headers);
    List<BodySink> sinks = new ArrayList<>(2);
    boolean gzip = isGzip(headers);
    boolean readable = gzip || isPlain(headers);
    if (errors != null && !errorTold && readable) {
      sinks.add(new StreamErrorSink(errors, feedback, call.calls.clock));
    }
    UsageScanner usage = UsageScanner.of(headers, readable);
    Permit sent = permit.get();
    if (usage != null) {
      sinks.add(new UsageSink(usage, feedback, sent, errors != null));
    }
    OpenStreams.Place open = null;
    if (errors != null && sent != null) {
      permit.stream();
      open = call.calls.streams.opened(call.queue, sent, call.calls.clock.nanos());
    }
    return sinks.isEmpty() && open == null
        ? null
        : new Tap(call.calls, sinks, gzip ? new Gunzip() : null, open, reporter.bodyBegins());
  }

  /** What a stream is held back for; null when it cannot be read. */
  @Nullable FirstEvent firstEvent(Headers headers) {
    StreamErrors errors = StreamErrors.of(call.dialect(), headers);
    boolean gzip = isGzip(headers);
    return errors == null || !(gzip || isPlain(headers))
        ? null
        : new FirstEvent(call.calls, errors, gzip ? new Gunzip() : null);
  }

  private static boolean isPlain(Headers headers) {
    String encoding = headers.first("content-encoding");
    return encoding == null || encoding.trim().equalsIgnoreCase("identity");
  }

  private static boolean isGzip(Headers headers) {
    String encoding = headers.first("content-encoding");
    return encoding != null && GZIP.matcher(encoding).matches();
  }
}
