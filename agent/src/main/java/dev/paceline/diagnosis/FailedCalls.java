package dev.paceline.diagnosis;

import static dev.paceline.diagnosis.Diagnosis.model;
import static dev.paceline.diagnosis.Diagnosis.notable;
import static dev.paceline.diagnosis.Diagnosis.ofModel;
import static dev.paceline.diagnosis.Formats.count;
import static dev.paceline.diagnosis.Formats.number;
import static dev.paceline.diagnosis.Formats.percent;
import static dev.paceline.diagnosis.Formats.time;

import dev.paceline.diagnosis.Finding.Kind;
import dev.paceline.diagnosis.Finding.Severity;
import dev.paceline.words.Failure;
import dev.paceline.words.Limit;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Calls that fail, by who said no, and calls that are cancelled above the client. */
final class FailedCalls {
  /** More failing calls than this part are what matters most. */
  private static final double MANY = 0.05;

  private FailedCalls() {}

  static Optional<Finding> failing(ScopeStats s) {
    long failing = s.five().failing();
    long calls = s.five().calls();
    if (!notable(failing, calls)) {
      return Optional.empty();
    }
    double share = Math.min(1, (double) failing / Math.max(1, calls));
    Failure most =
        s.five().failed().entrySet().stream()
            .filter(count -> count.getKey().by() != Failure.By.APPLICATION)
            .max(Map.Entry.comparingByValue())
            .map(Map.Entry::getKey)
            .orElse(Failure.IO_ERROR);
    return Optional.of(
        ofModel(
            s,
            Kind.FAILING,
            share >= MANY ? Severity.CRITICAL : Severity.WARNING,
            most == Failure.QUOTA
                ? Limit.QUOTA
                : most == Failure.WAIT_TOO_LONG || most == Failure.RATE_LIMITED
                    ? s.scope().binding()
                    : Limit.UNKNOWN,
            percent(share)
                + " of the calls to "
                + model(s)
                + " failed in the last 5 min: "
                + number(failing)
                + " of "
                + number(calls)
                + "; "
                + whoSaidNo(s),
            advice(most)));
  }

  private static String whoSaidNo(ScopeStats s) {
    return Stream.of(Failure.By.AGENT, Failure.By.PROVIDER, Failure.By.NETWORK)
        .filter(by -> s.five().failedBy(by) > 0)
        .sorted(Comparator.comparing(by -> -s.five().failedBy(by)))
        .map(
            by ->
                switch (by) {
                      case AGENT ->
                          "Paceline answered " + number(s.five().failedBy(by)) + " itself";
                      case PROVIDER ->
                          s.scope().provider() + " rejected " + number(s.five().failedBy(by));
                      default -> number(s.five().failedBy(by)) + " got no answer";
                    }
                    + (by == Failure.By.NETWORK ? "" : " (" + reasons(s, by) + ")"))
        .collect(Collectors.joining(", "));
  }

  private static String reasons(ScopeStats s, Failure.By by) {
    List<Map.Entry<Failure, Long>> of =
        s.five().failed().entrySet().stream()
            .filter(count -> count.getKey().by() == by)
            .sorted(Map.Entry.<Failure, Long>comparingByValue().reversed())
            .toList();
    return of.stream()
        .map(
            count -> count.getKey().text() + (of.size() == 1 ? "" : " " + number(count.getValue())))
        .collect(Collectors.joining(", "));
  }

  private static String advice(Failure most) {
    return switch (most) {
      case WAIT_TOO_LONG ->
          "callers give up sooner than the queue serves them: longer timeouts, fewer calls or a"
              + " higher tier would help; paceline.on-deadline=send sends such calls anyway";
      case QUEUE_FULL ->
          "fewer calls at a time or a higher tier would help; paceline.queue.max bounds the queue";
      case REPEATED ->
          "the application sends again what was given up: fix what the first answer says";
      case RATE_LIMITED -> "a higher tier or fewer calls would help, more retries would not";
      case QUOTA -> "more credit or a higher spending limit with the provider is needed";
      case OVERLOADED, SERVER_ERROR ->
          "another model, region or provider would help, a higher tier would not";
      case CLIENT_ERROR ->
          "the requests or their credentials are rejected: see the application's own log";
      case IO_ERROR -> "connections failed, or the clients' own timeouts passed";
      case CANCELLED -> "";
    };
  }

  /** A timeout that no client shows: somebody above it cancels the call. */
  static Optional<Finding> callerDeadline(ScopeStats s) {
    long deadline = s.scope().callerDeadlineMillis();
    long cancelled = s.quarter().failed().getOrDefault(Failure.CANCELLED, 0L);
    if (deadline <= 0 || cancelled == 0) {
      return Optional.empty();
    }
    long queue = Math.max(s.scope().predictedWaitMillis(), s.scope().oldestWaitMillis());
    return Optional.of(
        ofModel(
            s,
            Kind.CALLER_DEADLINE,
            Severity.WARNING,
            s.scope().binding(),
            "Calls to "
                + model(s)
                + " are cancelled by the application after "
                + time(deadline)
                + "; "
                + (queue > 0 ? "the queue is " + time(queue) : "queue empty")
                + "; "
                + count(cancelled, "call")
                + " cancelled in the last 15 min",
            "calls that cannot make it are not queued any more (paceline.on-deadline); a longer"
                + " read timeout or time limiter, fewer calls or a higher tier would help"));
  }
}
