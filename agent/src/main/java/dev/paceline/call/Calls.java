package dev.paceline.call;

import dev.paceline.config.Policy;
import dev.paceline.limit.Memory;
import dev.paceline.provider.BodyFacts;
import dev.paceline.provider.Classifier;
import dev.paceline.provider.ModelReader;
import dev.paceline.provider.Recognizer;
import dev.paceline.provider.Scopes;
import dev.paceline.tokens.Pricer;
import dev.paceline.words.Endpoint;
import dev.paceline.words.Scope;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.function.ToLongFunction;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** What the calls of one JVM share: where a call begins. */
public final class Calls {
  /** One lane a scope; idle ones leave first. */
  private static final int MOST_LANES = 1_000;

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
  final Events events;
  final Classifier classifier;
  private final Timer timer;
  private final Policies policies;
  private final Recognizer recognizer;
  private final ToLongFunction<String> keyedHash;
  private final Faults faults;
  private final ConcurrentHashMap<Scope, Lane> lanes = new ConcurrentHashMap<>();
  final LearnedDialects dialects = new LearnedDialects();
  final OpenStreams streams;
  final Organisations organisations;
  final Families families;
  private final QueueRoom room;
  private final AtomicLong order = new AtomicLong();
  private final Runnable onFirstCall;
  final Pricer pricer;
  private final AtomicBoolean anyCall = new AtomicBoolean();
  private volatile boolean released;
  private volatile Memories memories = Memories.NONE;
  private volatile CallTracer tracer = CallTracer.NONE;

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
    this.pricer = new Pricer(background);
    this.clock = clock;
    this.timer = timer;
    this.random = random;
    this.policies = policies;
    this.recognizer = recognizer;
    this.classifier = classifier;
    this.keyedHash = keyedHash;
    this.faults = new Faults(clock, listener, log, this::releaseWaits);
    this.events = new Events(listener, faults);
    this.onFirstCall = onFirstCall;
    this.streams = new OpenStreams(clock.nanos());
    this.room = new QueueRoom(policies);
    ReentrantLock joins = new ReentrantLock();
    this.families =
        new Families(clock, lanes, joins, log, t -> faults.add("response", t), policies.families());
    this.organisations = new Organisations(clock, lanes, joins, families);
  }

  /**
   * Whether a request is a call to an LLM that the agent looks after. Allocates nothing when it is
   * not.
   *
   * @param port the effective port
   * @param path the raw path, without query
   */
  public @Nullable Endpoint recognise(@Nullable String host, int port, @Nullable String path) {
    if (host == null || path == null || released || faults.passThrough() || !policies.enabled()) {
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

  /** Whether any scope holds calls back at this moment: the cheap question before a costly one. */
  public boolean holding() {
    for (Lane lane : lanes.values()) {
      if (lane.holds()) {
        return true;
      }
    }
    return false;
  }

  /**
   * Begins a call.
   *
   * @param body its body, when it was read ahead
   * @param earlier the call's own earlier course, when an interceptor sends again within one client
   *     call or its scope has changed since it was parked; null otherwise
   * @return null: let it pass
   */
  public @Nullable Course begin(Outgoing request, Content body, @Nullable Course earlier) {
    return begin(request, body, earlier, null);
  }

  /**
   * As {@link #begin(Outgoing, Content, Course)}.
   *
   * @param becomes what the scope that the request shows will be when it is sent, where the client
   *     adds the credential later; null for itself
   */
  public @Nullable Course begin(
      Outgoing request,
      Content body,
      @Nullable Course earlier,
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
      Policy policy = policies.policyFor(scope.provider(), facts.model(), request.host());
      if (!policy.enabled()) {
        return null;
      }
      Lane lane = lane(scope);
      lane.asked(facts.model(), request.host(), policy.bounds());
      return new Course(this, request, body, facts, lane, policy, earlier, began);
    } catch (Throwable t) {
      faults.add("request", t);
      return null;
    }
  }

  /** Whose limits a request draws on, as far as it shows. */
  public Scope scope(Outgoing request, String model) {
    return Scopes.scope(request.endpoint(), request.host(), request.headers(), model, keyedHash);
  }

  /** Who follows the calls that begin from now on. */
  public void tracer(CallTracer follower) {
    tracer = follower;
  }

  /** A call begins, on this thread. */
  Tracing trace(CallInfo call) {
    return Tracing.begin(tracer, call, this);
  }

  /** Ends tracing for good: that a tracing library fails must not cost the pacing too. */
  void tracingFailed(Throwable t) {
    tracer = CallTracer.NONE;
    faults.add("tracing", t);
  }

  /** Gets ready to hear the first answer; called beside the application's threads. */
  public void rehearse() {
    try {
      Rehearsal.run(
          classifier, policies.policyFor("openai", "", ""), clock.nanos(), clock.epochMillis());
    } catch (Throwable t) {
      faults.add("response", t);
    }
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

  /** Ends all waits: retry waits deliver their last answer, unsent calls are sent. */
  public void releaseWaits() {
    lanes.values().forEach(Lane::release);
  }

  /** What earlier runs learned; to be said before the first call. */
  public void remembering(Memories known) {
    memories = known;
  }

  /** What this run has learned, of every scope that has learned anything. */
  public Map<Scope, Memory> learned() {
    Map<Scope, Memory> learned = new LinkedHashMap<>();
    for (Lane lane : lanes.values()) {
      Memory memory = lane.into() == null ? lane.remember() : null;
      if (memory != null && !memory.isEmpty()) {
        learned.put(lane.scope, memory);
      }
    }
    return learned;
  }

  /** When a call last entered, on {@link Clock#nanos()}; 0 before the first. */
  public long lastCall() {
    return lanes.values().stream().mapToLong(Lane::lastUse).max().orElse(0);
  }

  /** Settings have changed: the pace of those who wait follows them. */
  public void settingsChanged() {
    families.settingsChanged(policies.families());
    lanes.values().forEach(lane -> lane.follow(policies));
  }

  /** The JVM shuts down: ends all waits, and none begins any more. */
  public void shutdown() {
    released = true;
    releaseWaits();
  }

  /** Whether the JVM shuts down: an answer to what is sent now cannot be read any more. */
  public boolean isShutDown() {
    return released;
  }

  /** Streams on their way to the application that count as in flight. */
  public int openStreams() {
    return streams.count();
  }

  /** What the console shows, one entry a scope. */
  public List<LaneView> view() {
    List<LaneView> views = new ArrayList<>();
    for (Lane lane : lanes.values()) {
      if (lane.into() == null) {
        views.add(lane.view());
      }
    }
    return views;
  }

  /** Whether nothing is on the way anywhere, as far as budgets know. */
  boolean idle() {
    return lanes.values().stream().allMatch(lane -> lane.unused(clock.nanos()));
  }

  long nextOrder() {
    return order.getAndIncrement();
  }

  boolean released() {
    return released || faults.passThrough() || !policies.enabled();
  }

  private Lane lane(Scope scope) {
    Lane lane = lanes.get(scope);
    if (lane == null) {
      if (lanes.size() >= MOST_LANES) {
        evict();
      }
      lane = lanes.computeIfAbsent(scope, this::newLane);
    }
    return lane;
  }

  private Lane newLane(Scope scope) {
    Lane lane = new Lane(scope, clock, timer, room, t -> faults.add("timer", t));
    try {
      Memories.Recalled recalled = memories.recall(scope);
      if (recalled != null) {
        lane.recall(recalled.memory(), recalled.ageNanos());
      }
    } catch (Throwable t) {
      faults.add("state", t);
    }
    return lane;
  }

  private void evict() {
    long now = clock.nanos();
    lanes.values().removeIf(lane -> lane.unused(now));
    if (lanes.size() >= MOST_LANES) {
      lanes.values().stream()
          .min((a, b) -> Long.signum(a.lastUse() - b.lastUse()))
          .ifPresent(oldest -> lanes.remove(oldest.scope, oldest));
    }
    organisations.forgetEvicted();
    families.forgetEvicted();
  }
}
