package dev.paceline.jdkhttp;

import dev.paceline.call.BodyTap;
import dev.paceline.call.Course;
import dev.paceline.call.FaultPoint;
import dev.paceline.call.FirstEvent;
import dev.paceline.call.Step;
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
  private final Course course;
  private final AtomicBoolean claimed = new AtomicBoolean();
  private final CompletableFuture<Step> decision = new CompletableFuture<>();

  DecidingHandler(Exchange exchange, Course course) {
    this.exchange = exchange;
    this.course = course;
  }

  @Override
  public BodySubscriber<Object> apply(ResponseInfo info) {
    int status = info.statusCode();
    ErrorBody error = null;
    BodyTap tap = null;
    try {
      FaultPoint.pass("jdk");
      course.arrived();
      HeaderView headers = new HeaderView(info.headers());
      FirstEvent first = course.firstEvent(status, headers);
      if (first != null || course.wantsBody(status, headers)) {
        error = new ErrorBody(exchange, course, info, this, first);
        error.watch();
      } else if (claim()) {
        tap = course.tap(status, headers);
        course.served(status, headers, 0);
        decide(DELIVER);
      }
    } catch (Throwable t) {
      exchange.calls().fault("jdk", t);
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
   * @param thrown what the client threw, if it did
   */
  Step after(@Nullable Throwable thrown) {
    if (claim()) {
      if (thrown == null) {
        course.cancelled(); // an answer that no handler has seen: none of ours
        decide(DELIVER);
      } else {
        decide(course.failed(NothingSent.test(thrown)));
      }
    }
    // Whoever else has claimed it decides within microseconds.
    return decision.join();
  }

  /** The application has ended the call. */
  void cancelled() {
    if (!claim() && decision.join() instanceof Step.Wait wait) {
      wait.ticket().cancel();
    }
    course.cancelled();
  }
}
