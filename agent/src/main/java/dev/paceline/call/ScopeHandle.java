package dev.paceline.call;

import dev.paceline.config.Bounds;
import dev.paceline.config.Mode;
import dev.paceline.config.Policy;
import dev.paceline.limit.Cost;
import dev.paceline.limit.FleetNeeds;
import dev.paceline.limit.FleetShare;
import dev.paceline.limit.LimiterSnapshot;
import dev.paceline.limit.Permit;
import dev.paceline.limit.SharedScope;
import dev.paceline.tokens.Calibration;
import dev.paceline.words.Client;
import dev.paceline.words.Limit;
import dev.paceline.words.LimitReading;
import dev.paceline.words.Scope;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One scope: its own {@link AdmissionQueue}, or the handle of another scope that its calls go to
 * since both draw on one limit. A permit goes back to the queue that granted it, wherever calls go
 * by then.
 */
final class ScopeHandle implements SharedScope {
  final Scope scope;
  final ResponseTimes times = new ResponseTimes();
  final CallerDeadlines callers = new CallerDeadlines();
  final Organisations.Membership membership = new Organisations.Membership();
  final Calibration calibration = new Calibration();
  private final AdmissionQueue own;
  private final HandleHome home;
  private volatile boolean noted;

  /** What a call of this scope was asked for: settings are found by it. */
  private record Asked(String model, String host, Bounds bounds) {}

  private volatile Asked asked = new Asked("", "", Bounds.NONE);

  /** Of the last call: 10,000 that wait need not each have their own. */
  private volatile @Nullable CallInfo info;

  /** The scopes whose calls come here. */
  private final Set<ScopeHandle> joiners = ConcurrentHashMap.newKeySet(1);

  /** The scopes that calls of this one have gone to. */
  private final List<ScopeHandle> joined = new CopyOnWriteArrayList<>();

  /** What the newest served answer announced; for comparing. */
  private volatile List<LimitReading> announced = List.of();

  ScopeHandle(
      Scope scope,
      Clock clock,
      Timer timer,
      QueueCapacity capacity,
      Ledger ledger,
      Consumer<Throwable> onFault) {
    this(scope, clock, timer, capacity, ledger, HandleHome.NONE, onFault);
  }

  ScopeHandle(
      Scope scope,
      Clock clock,
      Timer timer,
      QueueCapacity capacity,
      Ledger ledger,
      HandleHome home,
      Consumer<Throwable> onFault) {
    this.scope = scope;
    this.home = home;
    this.own = new AdmissionQueue(clock, timer, capacity, ledger, this::note, onFault);
  }

  /** The scope's own queue, wherever its calls go. */
  AdmissionQueue own() {
    return own;
  }

  /** Whose queue the calls of this scope use; null: its own. */
  @Nullable ScopeHandle joinedTo() {
    return own.movedTo();
  }

  /** The queue that calls of this scope use. */
  AdmissionQueue current() {
    ScopeHandle other = own.movedTo();
    return other == null ? own : other.current();
  }

  /** The queue that granted a permit: scopes may join and part while it is on the way. */
  private AdmissionQueue issuer(Permit permit) {
    if (!own.issued(permit)) {
      for (ScopeHandle other : joined) {
        if (other.own.issued(permit)) {
          return other.own;
        }
      }
    }
    return own;
  }

  /**
   * What the events of a call of this scope carry.
   *
   * @param model as sent
   */
  CallInfo info(Client client, String model) {
    CallInfo known = info;
    if (known == null || known.client() != client || !known.model().equals(model)) {
      String shared = scope.model().equals(model) ? scope.model() : model;
      known = new CallInfo(client, scope.provider(), shared);
      info = known;
    }
    return known;
  }

  /** A call begins that is for this model at this host; so much is typed for it. */
  void asked(String model, String host, Bounds bounds) {
    Asked last = asked;
    if (last.bounds.equals(bounds) && last.host.equals(host)) {
      return;
    }
    asked = new Asked(model, host, bounds);
    if (!last.bounds.equals(bounds)) {
      current().bounds(bounds);
    }
  }

  /** Settings have changed: those who wait follow. */
  void follow(Policies policies) {
    Asked last = asked;
    if (!last.host.isEmpty()) {
      Policy now = policies.policyFor(scope.provider(), last.model, last.host);
      asked(last.model, last.host, now.bounds());
      if (!now.enabled() || now.mode() == Mode.OBSERVE) {
        current().release(false);
      }
    }
  }

  /**
   * Lets a call leave, or gives it a place in the queue.
   *
   * @param ample a larger cost: unless a call of that would leave at once, it is worth while to
   *     count this one's exactly; null when it is counted
   * @return the ticket, in state ADMITTED: send now; EXPIRED: the wait would not fit, or the queue
   *     is full; else WAITING. Or {@link Ticket#COUNT_EXACTLY}, and nothing has happened
   */
  Ticket enter(Ticket ticket, @Nullable Cost ample) {
    FaultPoint.pass("limiter");
    while (true) {
      ScopeHandle other = own.movedTo();
      if (other != null) {
        own.used();
        return other.enter(ticket, ample);
      }
      Ticket entered = own.enter(ticket, ample);
      if (entered != null) {
        return entered;
      }
      if (own.retired()) {
        comeBack();
      }
    }
  }

  /** Evicted between a call's beginning and its start: the handle that took its place, if any. */
  private void comeBack() {
    ScopeHandle current = home.current(this);
    if (current == this) {
      noted = false; // swept out of the queue, perhaps
      own.revive(null);
    } else {
      linked(current);
      own.revive(current);
    }
  }

  private void linked(ScopeHandle to) {
    if (!joined.contains(to)) {
      joined.add(to);
    }
    to.joiners.add(this);
  }

  /** Whether it may make room for others; see {@link AdmissionQueues}. */
  boolean mayGo(long now, boolean closedToo) {
    return joiners.isEmpty() && own.mayRetire(now, closedToo);
  }

  /** Makes room for others; false when it may not any more. */
  boolean retire(long now, boolean closedToo) {
    if (!own.retire(now, closedToo, () -> !joiners.isEmpty())) {
      return false;
    }
    ScopeHandle other = own.movedTo();
    if (other != null) {
      other.joiners.remove(this);
    }
    return true;
  }

  boolean evicted() {
    return own.retired();
  }

  /** Notes that calls may be held from now on; see {@link AdmissionQueues#holding}. */
  void note() {
    if (!noted) {
      noted = true;
      home.mayHold(this);
    }
  }

  /** It is about to be looked at. */
  void noted() {
    noted = false;
  }

  /** A call is sent without a place in the queue: nobody held it, or it could not wait. */
  Permit sent(Cost charge) {
    return current().sent(charge);
  }

  /** An attempt is about to leave on this thread. */
  void departed(Permit permit, long now) {
    if (permit.late(now)) {
      issuer(permit).departed(permit);
    }
  }

  /** The headers of an attempt's answer are here; {@link #answered} follows. */
  void reading(Permit permit) {
    issuer(permit).reading();
  }

  /**
   * An attempt was answered.
   *
   * @param readings what its headers announce
   * @param limit the limit that rejected it; null when none did
   * @param hintNanos how long the answer says to wait, jitter included; 0 when it does not say
   */
  void answered(
      Permit permit,
      List<LimitReading> readings,
      @Nullable Limit limit,
      long hintNanos,
      long firstStep,
      long cap,
      double random) {
    if (limit == null && !readings.isEmpty()) {
      announced = readings;
    }
    learn(
        permit,
        limit,
        (at, now) ->
            at.limiter.answered(now, permit, readings, limit, hintNanos, firstStep, cap, random));
  }

  /** An answer that looked served turned out to be a limit's: closes the gate for those to come. */
  void rejectedLater(
      Permit permit, Limit limit, long hintNanos, long firstStep, long cap, double random) {
    learn(
        permit,
        limit,
        (at, now) ->
            at.limiter.rejectedLater(now, permit, limit, hintNanos, firstStep, cap, random));
  }

  private void learn(Permit permit, @Nullable Limit limit, AdmissionQueue.Lesson lesson) {
    AdmissionQueue issuer = issuer(permit);
    long closed = issuer.learn(limit, lesson);
    ScopeHandle other = issuer.movedTo();
    if (other != null && limit != null && closed > 0) {
      other.closeElsewhere(limit, closed);
    }
  }

  /** A call that had left before its scope joined this one met a limit. */
  private void closeElsewhere(Limit limit, long nanos) {
    current().learn(limit, (at, now) -> at.limiter.close(now, now + nanos, limit));
  }

  /** An answer complains that use has risen too fast; said before {@link #answered}. */
  void slowDown(Permit permit) {
    issuer(permit).learn(null, (at, now) -> at.limiter.slowDown(now, permit));
  }

  /** An attempt's answer was read and told its output. */
  void settled(Permit permit, long output) {
    issuer(permit).learn(null, (at, now) -> at.settled(now, permit, output));
  }

  /** Nothing more will come of an attempt. */
  void ended(Permit permit) {
    issuer(permit).learn(null, (at, now) -> at.giveBack(now, permit));
  }

  /**
   * This scope's limits are those of another one: what waits here goes there, in order of arrival,
   * and whoever comes goes there at once. What is on the way ends here; a limit it meets closes the
   * gate there too.
   *
   * @param first joins nobody itself
   */
  void join(ScopeHandle first) {
    if (first != this) {
      linked(first);
      if (!own.moveTo(first, first.own) && own.movedTo() != first) {
        first.joiners.remove(this);
      }
    }
  }

  /** It was another one's limit after all: from now on its own queue again. */
  void part() {
    ScopeHandle first = own.movedTo();
    if (first != null && own.moveBack(asked.bounds)) {
      first.joiners.remove(this);
    }
  }

  /** The scopes whose calls come here. */
  Set<ScopeHandle> joiners() {
    return joiners;
  }

  /** Whether both have been told the same limits, as far as both have been told any. */
  boolean toldTheSame(ScopeHandle other) {
    List<LimitReading> theirs = other.announced;
    for (LimitReading ours : announced) {
      for (LimitReading their : theirs) {
        if (ours.limit() == their.limit()
            && ours.limitValue() > 0
            && their.limitValue() > 0
            && ours.limitValue() != their.limitValue()) {
          return false;
        }
      }
    }
    return true;
  }

  /** Ends all waits in its own queue and opens the gate. */
  void release() {
    own.release(false);
  }

  /** Whether a call that comes now may have to wait. */
  boolean holds() {
    return current().holds();
  }

  /** For how long a call that comes now would be held; about, and 0 when not at all. */
  long wouldHold(Cost charge) {
    return current().wouldHold(charge);
  }

  /** Whether a call of this charge would leave at once, or waits for something but tokens. */
  boolean admits(Cost charge) {
    return current().admits(charge);
  }

  /** Whether the gate is closed now: a continuation then gets the recorded answer. */
  boolean closed() {
    return current().closed();
  }

  /** Whether waits rest on a limit that the provider has confirmed. */
  boolean limitConfirmed() {
    return current().limitConfirmed();
  }

  /** The limit that a call waits for. */
  Limit limit() {
    return current().limit();
  }

  /** What a restart need not forget. */
  LimiterSnapshot snapshot() {
    return own.snapshot();
  }

  /**
   * For people.
   *
   * @param label what a tenant is called
   */
  QueueView view(UnaryOperator<String> label) {
    return own.view(scope, callers, label);
  }

  // --- for those who share the limits

  @Override
  public Scope scope() {
    return scope;
  }

  @Override
  public String organisation() {
    return membership.organisation();
  }

  @Override
  public long lastUse() {
    return own.lastUse();
  }

  @Override
  public FleetNeeds needs() {
    return own.needs();
  }

  @Override
  public void agreed(FleetShare share) {
    own.learn(null, (at, now) -> at.limiter.fleet.agreed(share));
  }

  @Override
  public void closed(long nanos, Limit limit) {
    own.learn(limit, (at, now) -> at.limiter.close(now, now + nanos, limit));
  }
}
