package dev.paceline.call;

import dev.paceline.call.CallListener.BypassReason;
import dev.paceline.config.Mode;
import dev.paceline.config.Policy;
import dev.paceline.limit.LimiterSnapshot;
import dev.paceline.limit.SharedScope;
import dev.paceline.provider.Classifier;
import dev.paceline.provider.Recognizer;
import dev.paceline.provider.scope.Scopes;
import dev.paceline.tokens.ModelReader;
import dev.paceline.tokens.TokenEstimator;
import dev.paceline.words.BodyFacts;
import dev.paceline.words.Endpoint;
import dev.paceline.words.Scope;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.function.ToLongFunction;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** What the calls of one JVM share: where a call begins. */
public final class Calls {
  // No lambda: see Meters.
  private static final Executor NO_BACKGROUND =
      new Executor() {
        @Override
        public void execute(Runnable task) {
          throw new RejectedExecutionException();
        }
      };

  final Clock clock;
  final DoubleSupplier random;
  final CallEvents events;
  final Classifier classifier;
  private final Timer timer;
  private final Policies policies;
  private final Recognizer recognizer;
  final ToLongFunction<String> keyedHash;
  private final Faults faults;
  private final AdmissionQueues handles;
  final Tracing untraced = new Tracing(CallTrace.NONE, CallTrace.NONE, this);
  final LearnedDialects dialects = new LearnedDialects();
  final OpenStreams streams;
  final Ledger ledger = new Ledger();
  final GiveUps giveUps;
  final CallClasses classes;
  final Organisations organisations;
  private final QueueCapacity capacity;
  private final AtomicLong order = new AtomicLong();
  private final Runnable onFirstCall;
  final TokenEstimator estimator;
  private final AtomicBoolean anyCall = new AtomicBoolean();
  private volatile boolean released;
  private volatile SnapshotStore memories = SnapshotStore.NONE;
  private volatile CallTracer tracer = CallTracer.NONE;
  private volatile UnrecognisedCalls unrecognised = UnrecognisedCalls.NONE;
  private volatile CallTracer recorder = CallTracer.NONE;

  /**
   * @param random numbers in [0, 1) for jitter
   * @param keyedHash hash of a credential under a key that is random a process
   * @param log where loud lines go
   * @param onFirstCall run once, on the application's thread, when the first call begins: must only
   *     hand over
   */
  public Calls(
      Clock clock,
      Timer timer,
      DoubleSupplier random,
      Policies policies,
      CallListener listener,
      Recognizer recognizer,
      Classifier classifier,
      ToLongFunction<String> keyedHash,
      Consumer<String> log,
      Runnable onFirstCall) {
    this(
        clock,
        timer,
        random,
        policies,
        listener,
        recognizer,
        classifier,
        keyedHash,
        log,
        onFirstCall,
        NO_BACKGROUND);
  }

  /**
   * @param background where a token table is loaded when it is first needed; without one, estimates
   *     serve
   */
  public Calls(
      Clock clock,
      Timer timer,
      DoubleSupplier random,
      Policies policies,
      CallListener listener,
      Recognizer recognizer,
      Classifier classifier,
      ToLongFunction<String> keyedHash,
      Consumer<String> log,
      Runnable onFirstCall,
      Executor background) {
    this.estimator = new TokenEstimator(background);
    this.clock = clock;
    this.timer = timer;
    this.random = random;
    this.policies = policies;
    this.classes = new CallClasses(policies, keyedHash);
    this.recognizer = recognizer;
    this.classifier = classifier;
    this.keyedHash = keyedHash;
    this.faults = new Faults(clock, listener, log, this::releaseWaits);
    this.events = new CallEvents(listener, faults);
    this.onFirstCall = onFirstCall;
    this.streams = new OpenStreams(clock.nanos());
    this.capacity = new QueueCapacity(policies);
    this.giveUps = new GiveUps(clock, timer);
    this.organisations = new Organisations(clock);
    this.handles = new AdmissionQueues(policies, clock, this::newHandle, organisations::evicted);
  }

  /** Whether nothing but a star in the user's mapping says that a host is a provider's. */
  boolean byStarOnly(String host) {
    return recognizer.byStarOnly(host);
  }

  /**
   * Whether a request is a call to an LLM that the agent looks after. Allocates nothing when it is
   * not.
   *
   * @param port the effective port
   * @param path the raw path, without query
   */
  public @Nullable Endpoint recognise(@Nullable String host, int port, @Nullable String path) {
    if (host == null || path == null || released) {
      return null;
    }
    boolean faulty = faults.passThrough();
    if (faulty || !policies.enabled()) {
      passed(host, port, path, faulty ? BypassReason.FAULTS : BypassReason.DISABLED);
      return null;
    }
    try {
      FaultPoint.pass("recogniser");
      return recognizer.recognise(host, port, path);
    } catch (Throwable t) {
      faults.add("recogniser", t);
      return null;
    }
  }

  /** Counts what nobody looks after. What a faulty recogniser does here is no news. */
  private void passed(String host, int port, String path, BypassReason reason) {
    try {
      if (recognizer.recognise(host, port, path) != null) {
        events.bypassed(reason);
      }
    } catch (Throwable ignored) {
      // The agent is off: nothing of it may be felt.
    }
  }

  /**
   * Whether a call that is about to be sent passes unmanaged: the agent is off, or has failed too
   * often. {@link #recognise} counts it then.
   */
  public boolean passes(String host, int port) {
    return !released
        && (faults.passThrough() || !policies.enabled())
        && recognizer.mayRecogniseHost(host, port);
  }

  /** Why the agent looks after no call at the moment; null when it does. */
  public @Nullable BypassReason off() {
    return faults.passThrough()
        ? BypassReason.FAULTS
        : released || !policies.enabled() ? BypassReason.DISABLED : null;
  }

  /**
   * Whether requests to this host can be calls to an LLM at all. An adapter whose client builds the
   * path anew each time asks this first, so that a request to any other host allocates nothing.
   */
  public boolean mayRecogniseHost(String host, int port) {
    if (released || faults.passThrough() || !policies.enabled()) {
      return false;
    }
    try {
      return recognizer.mayRecogniseHost(host, port);
    } catch (Throwable t) {
      faults.add("recogniser", t);
      return false;
    }
  }

  /**
   * Whether calls to this provider are left alone or only observed, as far as that is known before
   * their model.
   */
  public boolean handsOff(String provider, String host) {
    Policy policy = policies.policyFor(provider, BodyFacts.UNKNOWN_MODEL, host);
    return !policy.enabled() || policy.mode() == Mode.OBSERVE;
  }

  /** Whether any scope holds calls back at this moment: the cheap question before a costly one. */
  public boolean holding() {
    return handles.holding();
  }

  /**
   * Begins a call.
   *
   * @param body its body, when it was read ahead
   * @param earlier the call's own earlier execution, when an interceptor sends again within one
   *     client call or its scope has changed since it was parked; null otherwise
   * @return null: let it pass
   */
  public @Nullable CallExecution begin(
      RequestInfo request, RequestContent body, @Nullable CallExecution earlier) {
    return begin(request, body, earlier, null);
  }

  /**
   * As {@link #begin(RequestInfo, RequestContent, CallExecution)}.
   *
   * @param becomes what the scope that the request shows will be when it is sent, where the client
   *     adds the credential later; null for itself
   */
  public @Nullable CallExecution begin(
      RequestInfo request,
      RequestContent body,
      @Nullable CallExecution earlier,
      @Nullable UnaryOperator<Scope> becomes) {
    try {
      if (!anyCall.get() && anyCall.compareAndSet(false, true)) {
        onFirstCall.run();
      }
      FaultPoint.pass("request");
      long began = clock.nanos();
      streams.sweep(began);
      BodyFacts facts = ModelReader.read(request.endpoint(), body.bytes(), body.length());
      Scope shown = scope(request, facts.model());
      Scope scope = becomes == null ? shown : becomes.apply(shown);
      Policy policy = classes.policy(scope.provider(), request, facts);
      if (!policy.enabled()) {
        if (becomes == null) { // who only asks whether to hold it begins it once more
          events.bypassed(BypassReason.DISABLED);
        }
        return null;
      }
      ScopeHandle handle = handles.of(scope);
      handle.asked(facts.model(), request.host(), policy.bounds());
      return new CallExecution(this, request, body, facts, handle, policy, earlier, began);
    } catch (Throwable t) {
      faults.add("request", t);
      if (becomes == null) {
        events.bypassed(BypassReason.FAULTS);
      }
      return null;
    }
  }

  /** Whose limits a request draws on, as far as it shows. */
  public Scope scope(RequestInfo request, String model) {
    return Scopes.scope(request.endpoint(), request.host(), request.headers(), model, keyedHash);
  }

  /** Who is told of calls that are not recognised; before the first call. */
  public void unrecognised(UnrecognisedCalls watcher) {
    unrecognised = watcher;
  }

  /** Who is told of a request that is none of ours; says nothing while the agent is off. */
  public UnrecognisedCalls unrecognised() {
    return released || !policies.enabled() ? UnrecognisedCalls.NONE : unrecognised;
  }

  /** Who follows the calls that begin from now on. */
  public void tracer(CallTracer follower) {
    tracer = follower;
  }

  /** A call begins, on this thread. */
  Tracing trace(CallInfo call) {
    return Tracing.begin(tracer, recorder, call, this);
  }

  /** Who writes down the calls that begin from now on. */
  public void recorder(CallTracer writer) {
    recorder = writer;
  }

  /** Ends recording for good. */
  void recordingFailed(Throwable t) {
    recorder = CallTracer.NONE;
    faults.add("record", t);
  }

  /** Ends tracing for good: that a tracing library fails must not cost the pacing too. */
  void tracingFailed(Throwable t) {
    tracer = CallTracer.NONE;
    faults.add("tracing", t);
  }

  /** Counts a fault of an adapter. */
  public void fault(String component, Throwable t) {
    faults.add(component, t);
  }

  public Clock clock() {
    return clock;
  }

  /** The JVM's one timer. What it runs must only hand over. */
  public Timer timer() {
    return timer;
  }

  /**
   * The agent is switched off: ends all waits. Retry waits deliver their last answer, unsent calls
   * are sent.
   */
  public void releaseWaits() {
    handles.all().forEach(ScopeHandle::release);
  }

  /** What earlier runs learned; to be said before the first call. */
  public void remembering(SnapshotStore known) {
    memories = known;
  }

  /** What this run has learned, of every scope that has learned anything. */
  public Map<Scope, LimiterSnapshot> learned() {
    return handles.learned(t -> faults.add("state", t));
  }

  /** When a call last entered, on {@link Clock#nanos()}; 0 before the first. */
  public long lastCall() {
    return handles.all().stream().mapToLong(handle -> handle.own().lastUse()).max().orElse(0);
  }

  /** Settings have changed: the pace of those who wait follows them. */
  public void settingsChanged() {
    handles.all().forEach(handle -> handle.follow(policies));
  }

  /**
   * The JVM shuts down: ends all waits, and none begins any more. Retry waits deliver their last
   * answer; calls that were not sent yet are cancelled, for they would be paid and never read.
   */
  public void shutdown() {
    released = true;
    handles.all().forEach(handle -> handle.own().release(true));
  }

  /** What was taken and given back so far; see {@link CallsSnapshot#atRest}. */
  public CallsSnapshot snapshot() {
    return ledger.snapshot(capacity.calls(), capacity.bytes(), giveUps.bytes());
  }

  /** Whether the JVM shuts down: an answer to what is sent now cannot be read any more. */
  public boolean isShutDown() {
    return released;
  }

  /** The scopes in use whose limits other processes may share. */
  public List<SharedScope> shared() {
    return List.copyOf(handles.unjoined());
  }

  /** Streams on their way to the application that count as in flight. */
  public int openStreams() {
    return streams.count();
  }

  /** What the console shows, one entry a scope. */
  public List<QueueView> view() {
    return handles.unjoined().stream().map(handle -> handle.view(classes::label)).toList();
  }

  /** Whether nothing is on the way anywhere, as far as limiters know. */
  boolean idle() {
    return handles.all().stream().allMatch(handle -> handle.own().unused());
  }

  /** Ends a wait that began in the instant in which all others were ended. */
  Ticket held(Ticket ticket) {
    if (ticket.state() == Ticket.State.WAITING && released()) {
      Runnable end = released && ticket.unsent ? ticket::cancel : ticket::release;
      end.run();
    }
    return ticket;
  }

  /** Where a call that this thread makes comes from; null while no rule asks for it. */
  public @Nullable CallOrigin origin() {
    return policies.origin();
  }

  long nextOrder() {
    return order.getAndIncrement();
  }

  /**
   * Whether calls of an endpoint are only watched, or not even that, as far as is known before the
   * body is: what could not be read again is not read.
   */
  public boolean observes(Endpoint endpoint, @Nullable String host) {
    Policy policy =
        policies.policyFor(endpoint.provider(), endpoint.modelInPath(), host == null ? "" : host);
    return !policy.enabled() || policy.mode() == Mode.OBSERVE;
  }

  boolean released() {
    return released || faults.passThrough() || !policies.enabled();
  }

  private ScopeHandle newHandle(Scope scope) {
    ScopeHandle handle =
        new ScopeHandle(
            scope, clock, timer, capacity, ledger, handles, t -> faults.add("timer", t));
    try {
      SnapshotStore.Recalled recalled = memories.recall(scope);
      if (recalled != null) {
        handle.own().restore(recalled.memory(), recalled.ageNanos());
      }
    } catch (Throwable t) {
      faults.add("state", t);
    }
    return handle;
  }
}
