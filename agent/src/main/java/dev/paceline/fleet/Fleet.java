package dev.paceline.fleet;

import dev.paceline.limit.FleetNeeds;
import dev.paceline.limit.SharedScope;
import dev.paceline.words.FleetView;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * All tables of a JVM: when to exchange, in one round trip for all scopes that are due, and what a
 * failure means. It reads no clock and holds no connection: its owner asks {@link #next}, carries
 * the batch to Redis and tells what came of it.
 *
 * <p>One thread drives it; {@link #view} may be asked by others.
 */
public final class Fleet {
  /** Beyond so many fields a table is none of ours. */
  public static final int MOST_FIELDS = ShareProtocol.MOST_FIELDS;

  /** Calls after which a member exchanges again: .063 round trips a call. */
  static final int CALLS_AN_EXCHANGE = 16;

  /** Round trips a call, all in all; what is not used is kept for sudden needs. */
  private static final double TRIPS_A_CALL = 0.09;

  /** Round trips that a new member may spend ahead. */
  private static final double MOST_SAVED = 8;

  private static final long MILLI = 1_000_000L;
  private static final long SECOND = 1_000 * MILLI;
  private static final long LEAST_PERIOD = SECOND;
  private static final long LEAST_URGENT = 250 * MILLI;
  private static final long FIRST_BACKOFF = SECOND;
  private static final long MOST_BACKOFF = 60 * SECOND;

  /**
   * Two windows: so long shares are frozen when Redis does not answer. With half a minute eight
   * processes that began to infer each other all at once met .02 429s a success on a rolling
   * window.
   */
  private static final long FROZEN = 120 * SECOND;

  /** A member that has done nothing for so long is forgotten. */
  private static final long FORGOTTEN = 600 * SECOND;

  /** Waiting calls are to leave within so much of a minute: that is what a queue wants. */
  private static final int QUEUES_A_MINUTE = 6;

  /** Weight of the newest interval in the rate. */
  private static final double NEWEST_WEIGHT = 0.3;

  private static final long HOLD_MILLIS = 61_000;

  /**
   * One scope's part of a batch.
   *
   * @param kept whether the table lives on for an hour; one that is of no use goes in time
   */
  public record Request(
      String key, String previous, String field, String value, List<String> stale, boolean kept) {}

  /** What one scope's table says after the write. */
  public record Answer(Map<String, String> fields, boolean previousFound) {}

  /** One round trip. */
  public static final class Batch {
    private final List<Member> members = new ArrayList<>();
    private final List<Request> requests = new ArrayList<>();
    private final long sent;

    private Batch(long sent) {
      this.sent = sent;
    }

    public List<Request> requests() {
      return requests;
    }
  }

  /** A scope as people see it, and how long our share holds. */
  private record Shown(FleetView.Row row, long leaseEnds) {}

  private static final class Member {
    final SharedScope scope;
    final String key;
    final ShareProtocol protocol;
    final ScopeShare share;
    double saved = MOST_SAVED;
    long last;
    boolean ever;
    long promiseMillis = 1_000;
    long sentRequests;
    long sentTokens;
    long closedUntil;
    double requestsASecond;
    double tokensASecond;

    Member(SharedScope scope, String key, long id, long now) {
      this.scope = scope;
      this.key = key;
      protocol = new ShareProtocol(id);
      share = new ScopeShare(now);
      last = now;
      FleetNeeds needs = scope.needs();
      sentRequests = Math.max(0, needs.sentRequests() - 1);
      sentTokens = needs.sentTokens();
      scope.agreed(share);
    }
  }

  private final Supplier<Collection<? extends SharedScope>> scopes;
  private final Function<SharedScope, String> keys;
  private final LongSupplier ids;
  private final DoubleSupplier chance;
  private final Map<SharedScope, Member> members = new LinkedHashMap<>();
  private int failuresInARow;
  private volatile long notBefore;
  private long frozenUntil;
  private volatile boolean broken;
  private volatile boolean useless;
  private volatile long exchanges;
  private volatile long failures;
  private volatile long answeredAt;
  private volatile List<Shown> rows = List.of();

  /**
   * @param scopes those in use
   * @param keys the name of a scope's table
   * @param ids random
   * @param chance random, in [0, 1)
   */
  public Fleet(
      Supplier<Collection<? extends SharedScope>> scopes,
      Function<SharedScope, String> keys,
      LongSupplier ids,
      DoubleSupplier chance) {
    this.scopes = scopes;
    this.keys = keys;
    this.ids = ids;
    this.chance = chance;
  }

  /** A new connection: what it leads to may know less than what was written. */
  public void connected(long now) {
    members.values().forEach(member -> member.protocol.connected(now));
  }

  /** What to exchange now; null for nothing. */
  public @Nullable Batch next(long now) {
    for (SharedScope scope : scopes.get()) {
      Member member = members.get(scope);
      if (member == null || !member.key.equals(keys.apply(scope))) {
        members.put(scope, new Member(scope, keys.apply(scope), ids.getAsLong(), now));
      }
    }
    forget(now);
    if (failuresInARow > 0 && now - notBefore < 0) {
      return null;
    }
    Batch batch = new Batch(now);
    for (Member member : members.values()) {
      if (member.ever && member.scope.lastUse() - member.last < 0 && !waits(member)) {
        continue; // idle: nothing is told, and the lease runs out
      }
      FleetNeeds needs = member.scope.needs();
      if (due(now, member, needs)) {
        add(now, batch, member, needs);
      }
    }
    return batch.requests.isEmpty() ? null : batch;
  }

  private static boolean waits(Member member) {
    return member.scope.needs().waitingRequests() > 0;
  }

  private void forget(long now) {
    Iterator<Member> all = members.values().iterator();
    while (all.hasNext()) {
      Member member = all.next();
      if (now - member.last > FORGOTTEN && now - member.scope.lastUse() > FORGOTTEN) {
        all.remove();
      }
    }
  }

  private static boolean due(long now, Member member, FleetNeeds needs) {
    if (!member.ever) {
      return true;
    }
    long calls = needs.sentRequests() - member.sentRequests;
    long since = now - member.last;
    if (calls <= 0 && needs.waitingRequests() == 0) {
      return false;
    }
    if (since >= member.promiseMillis * MILLI) {
      return true;
    }
    double saved = Math.min(MOST_SAVED, member.saved + TRIPS_A_CALL * calls);
    if (saved < 1) {
      return false;
    }
    if (since >= LEAST_PERIOD && calls >= CALLS_AN_EXCHANGE) {
      return true;
    }
    boolean closed = needs.closedNanos() > 0 && now + needs.closedNanos() > member.closedUntil;
    return since >= LEAST_URGENT
        && (closed
            || !member.protocol.holds(now)
            || member.protocol.newcomer()
            || member.protocol.rising());
  }

  private static void add(long now, Batch batch, Member member, FleetNeeds needs) {
    long calls = needs.sentRequests() - member.sentRequests;
    double seconds = Math.max(0.05, (double) (now - member.last) / SECOND);
    double weight = member.ever ? NEWEST_WEIGHT : 1;
    double requests = calls / seconds;
    double tokens = (needs.sentTokens() - member.sentTokens) / seconds;
    member.requestsASecond += weight * (requests - member.requestsASecond);
    member.tokensASecond += weight * (tokens - member.tokensASecond);
    member.saved = Math.min(MOST_SAVED, member.saved + TRIPS_A_CALL * calls) - 1;
    member.sentRequests = needs.sentRequests();
    member.sentTokens = needs.sentTokens();
    member.last = now;
    member.closedUntil = now + needs.closedNanos();
    double rate = Math.max(1e-3, member.requestsASecond);
    member.promiseMillis =
        (long)
            Math.max(1_500, Math.min(MemberState.MAX_PROMISE, 1_500.0 * CALLS_AN_EXCHANGE / rate));
    boolean counted = needs.usedRequests() > 0 || needs.usedTokens() > 0;
    ShareProtocol.Wish wish =
        new ShareProtocol.Wish(
            new long[] {
              demand(member.requestsASecond, needs.waitingRequests()),
              demand(member.tokensASecond, needs.waitingTokens()),
              needs.inFlight() + needs.waitingRequests()
            },
            new long[] {needs.requests(), needs.tokens(), needs.concurrency()},
            new int[] {
              part(needs.usedRequests()),
              part(needs.usedTokens()),
              needs.concurrency() == 0 ? 0 : part((double) needs.inFlight() / needs.concurrency())
            },
            counted ? HOLD_MILLIS : 0,
            needs.closedNanos() / MILLI,
            needs.closedBy());
    ShareProtocol.Write write = member.protocol.next(now, member.promiseMillis, wish);
    member.ever = true;
    batch.members.add(member);
    batch.requests.add(
        new Request(
            member.key,
            write.previous(),
            write.field(),
            write.value(),
            write.stale(),
            !member.protocol.refused()));
  }

  private static long demand(double aSecond, long waiting) {
    return Math.min(
        MemberState.MAX_UNITS, Math.round(Math.max(0, aSecond) * 60) + QUEUES_A_MINUTE * waiting);
  }

  private static int part(double used) {
    return (int) Math.ceil(Math.max(0, Math.min(1, used)) * Claim.WHOLE);
  }

  /**
   * A batch was answered in time.
   *
   * @param answers one for each request
   * @param serverMillis Redis' clock
   */
  public void answered(long now, Batch batch, List<Answer> answers, long serverMillis) {
    failuresInARow = 0;
    broken = false;
    exchanges++;
    answeredAt = now;
    frozenUntil = now + FROZEN;
    for (int i = 0; i < batch.members.size(); i++) {
      Member member = batch.members.get(i);
      Answer answer = answers.get(i);
      member.protocol.answered(
          now,
          batch.sent,
          new ShareProtocol.Table(answer.fields, answer.previousFound, serverMillis));
      member.share.publish(member.protocol, false, now, frozenUntil);
      member.scope.agreed(member.share);
      for (ShareProtocol.Closed closed : member.protocol.closed()) {
        member.closedUntil = Math.max(member.closedUntil, now + closed.nanos() + SECOND);
        member.scope.closed(closed.nanos(), closed.limit());
      }
    }
    show(now);
  }

  /** A batch could not be carried out, or its answer did not come in time; null: no connection. */
  public void failed(long now, @Nullable Batch batch) {
    failures++;
    failuresInARow++;
    broken = true;
    double steps = Math.min(6, failuresInARow - 1);
    double wait = Math.min(MOST_BACKOFF, FIRST_BACKOFF * Math.pow(2, steps));
    notBefore = now + (long) (wait * (0.75 + 0.5 * chance.getAsDouble()));
    for (Member member : members.values()) {
      member.share.publish(member.protocol, true, now, frozenUntil);
      member.scope.agreed(member.share);
    }
    show(now);
  }

  private void show(long now) {
    List<Shown> shown = new ArrayList<>();
    boolean any = false;
    for (Member member : members.values()) {
      ShareProtocol protocol = member.protocol;
      FleetView.Row row =
          new FleetView.Row(
              member.scope.scope(),
              protocol.members(),
              protocol.everHeld() && !protocol.useless(now),
              protocol.splits());
      shown.add(new Shown(row, protocol.leaseEnds()));
      any |= protocol.useless(now);
    }
    useless = any;
    rows = List.copyOf(shown);
  }

  /** Whether a table is of no use: of its scope's limits nothing is agreed on. */
  public boolean useless() {
    return useless;
  }

  /** For people. */
  public FleetView view(long now) {
    List<FleetView.Row> scopes = new ArrayList<>();
    for (Shown shown : rows) {
      FleetView.Row row = shown.row;
      boolean holds = row.holds() && now - shown.leaseEnds < 0;
      scopes.add(new FleetView.Row(row.scope(), row.members(), holds, row.splits()));
    }
    return new FleetView(
        !broken,
        broken ? Math.max(0, notBefore - now) / MILLI : 0,
        exchanges,
        failures,
        exchanges == 0 ? -1 : (now - answeredAt) / MILLI,
        scopes);
  }
}
