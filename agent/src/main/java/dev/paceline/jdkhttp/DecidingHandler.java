package dev.paceline.jdkhttp;

import dev.paceline.call.BodyTap;
import dev.paceline.call.CallExecution;
import dev.paceline.call.FaultPoint;
import dev.paceline.call.FirstEvent;
import dev.paceline.call.Step;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.ResponseInfo;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The body handler of one attempt: where status and headers are known and nothing of the body has
 * been read. Shows the application's handler the one response that it is to see, and none else.
 */
final class DecidingHandler implements BodyHandler<Object> {
  static final Step DELIVER = new Step.Deliver(false);

  private final Exchange exchange;
  private final CallExecution course;
  private final AtomicBoolean claimed = new AtomicBoolean();
  private final CompletableFuture<Step> decision = new CompletableFuture<>();
  private final @Nullable Watched watched;
  private @Nullable Step redirected;

  /**
   * @param watched the body of this attempt; null when it is not watched
   */
  DecidingHandler(Exchange exchange, CallExecution course, @Nullable Watched watched) {
    this.exchange = exchange;
    this.course = course;
    this.watched = watched;
  }

  @Override
  public BodySubscriber<Object> apply(ResponseInfo info) {
    int status = info.statusCode();
    JdkErrorBody error = null;
    BodyTap tap = null;
    try {
      FaultPoint.pass("jdk");
      course.arrived();
      HeaderView headers = new HeaderView(info.headers());
      FirstEvent first = course.firstEvent(status, headers);
      if (first != null || course.wantsBody(status, headers)) {
        error = new JdkErrorBody(exchange, course, info, this, first);
        error.watch();
      } else if (claim()) {
        tap = course.tap(status, headers);
        course.served(status, headers, 0);
        decide(DELIVER);
      }
    } catch (Throwable t) {
      exchange.fault(t);
      error = null;
      claim();
      course.cancelled();
      decide(DELIVER);
    }
    return error != null ? error : theirs(info, tap);
  }

  private BodySubscriber<Object> theirs(ResponseInfo info, @Nullable BodyTap tap) {
    boolean made = false;
    try {
      BodySubscriber<Object> theirs = TappedSubscriber.around(exchange.handler().apply(info), tap);
      made = true;
      return theirs;
    } finally {
      if (!made && tap != null) {
        tap.end(false);
      }
    }
  }

  /** True for the one who may decide what becomes of the attempt. */
  boolean claim() {
    return claimed.compareAndSet(false, true);
  }

  void decide(Step step) {
    decision.complete(step);
  }

  /**
   * What becomes of the attempt, once the client is through with it.
   *
   * @param response what the client returned, if it did
   * @param thrown what the client threw, if it did
   */
  Step after(@Nullable HttpResponse<?> response, @Nullable Throwable thrown) {
    if (claim()) {
      if (thrown == null) {
        course.cancelled(); // an answer that no handler has seen: none of ours
        decide(DELIVER);
      } else {
        decide(course.failed(nothingSent(thrown)));
      }
    }
    // Whoever else has claimed it decides within microseconds.
    Step step = decision.join();
    if (response == null || step instanceof Step.Deliver || !exchange.follows()) {
      return step;
    }
    // A repeat begins at the first address again, where a request that was redirected may have been
    // processed; the handler was not told of redirects, the response tells.
    if (redirected == null) {
      redirected = Exchange.redirected(response) ? course.mayBeProcessed(step) : step;
    }
    return redirected;
  }

  /** Whether {@link #after} has answered for the response that it was given. */
  boolean keptAnswer(Step step) {
    return !(step instanceof Step.Replay) || (step == redirected && step != decision.join());
  }

  private boolean nothingSent(Throwable thrown) {
    if (exchange.follows() && (watched == null || watched.begun())) {
      return false;
    }
    return JdkNothingSent.test(thrown);
  }

  /** The application has ended the call. */
  void cancelled() {
    if (!claim() && decision.join() instanceof Step.Wait wait) {
      wait.ticket().cancel();
    }
    course.cancelled();
  }
}
