package dev.paceline.call;

import dev.paceline.config.Bounds;
import dev.paceline.limit.ConfiguredLimits;
import dev.paceline.limit.Cost;
import dev.paceline.limit.Permit;
import dev.paceline.words.Limit;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What each tenant of one queue has used of the limits that rules give it. A tenant whose limit is
 * used up waits, and nobody else for it.
 *
 * <p>Not thread-safe; its owner holds a lock.
 */
final class TenantQuotas {
  /** Tenants are request data. Beyond so many, those that came first begin anew. */
  private static final int MOST = 10_000;

  /** Beyond so many, those that have nothing in use are forgotten. */
  private static final int LOOK_FOR_IDLE = 500;

  private static final long ASK_AGAIN = 1_000_000_000L;

  private record Key(String rule, String tenant) {}

  private static final class Quota {
    final ConfiguredLimits windows = new ConfiguredLimits();
    Bounds typed = Bounds.NONE;
    int inFlight;

    boolean full() {
      return typed.concurrency() > 0 && inFlight >= typed.concurrency();
    }
  }

  private record Held(Quota quota, Cost charge) {}

  private final Clock clock;
  private final Map<Key, Quota> quotas = new LinkedHashMap<>();
  private final Map<Permit, Held> held = new IdentityHashMap<>();
  private int nextLook = LOOK_FOR_IDLE;

  TenantQuotas(Clock clock) {
    this.clock = clock;
  }

  private @Nullable Quota of(Ticket ticket, long now) {
    if (!ticket.kind.hasQuota()) {
      return null;
    }
    Key key = new Key(ticket.kind.sharing().tenantRule(), ticket.kind.tenant());
    Quota quota = quotas.get(key);
    if (quota == null) {
      makeRoom(now);
      quota = new Quota();
      quotas.put(key, quota);
    }
    Bounds typed = ticket.kind.sharing().tenant();
    if (!typed.equals(quota.typed)) {
      quota.typed = typed;
      // Requests in flight are counted here: a permit counts for the scope's own limit.
      Bounds windows =
          new Bounds(
              typed.rpm(),
              typed.tpm(),
              0,
              0,
              typed.rpd(),
              typed.tpd(),
              0,
              Bounds.AUTO,
              Bounds.AUTO,
              typed.dayStart());
      quota.windows.set(now, clock.epochMillis(), windows);
    }
    return quota;
  }

  private void makeRoom(long now) {
    if (quotas.size() >= nextLook) {
      quotas.values().removeIf(quota -> quota.inFlight == 0 && quota.windows.idle(now));
      nextLook = Math.min(MOST, quotas.size() + LOOK_FOR_IDLE);
    }
    if (quotas.size() >= MOST) {
      Iterator<Quota> eldest = quotas.values().iterator();
      eldest.next();
      eldest.remove();
    }
  }

  /** When its tenant's limits let a call leave; {@code now} when at once, or when it has none. */
  long opensAt(Ticket ticket, long now) {
    Quota quota = of(ticket, now);
    if (quota == null) {
      return now;
    }
    return Math.max(
        quota.full() ? now + ASK_AGAIN : now, quota.windows.earliest(now, ticket.charge));
  }

  /** When the last of so much would leave, as far as its tenant's limits are concerned. */
  long predict(Ticket ticket, long now, FairOrder.Ahead ahead) {
    Quota quota = of(ticket, now);
    if (quota == null) {
      return now;
    }
    return Math.max(
        quota.full() ? now + ASK_AGAIN : now,
        quota.windows.predict(now, ahead.requests(), ahead.inputTokens(), ahead.outputTokens()));
  }

  /** The limit of its tenant that holds a call; null when none does. */
  @Nullable Limit heldBy(Ticket ticket, long now) {
    Quota quota = of(ticket, now);
    if (quota == null || opensAt(ticket, now) - now <= 0) {
      return null;
    }
    Limit limit = quota.full() ? Limit.CONCURRENCY : quota.windows.heldBy(now);
    return limit == null ? Limit.UNKNOWN : limit;
  }

  /** A call leaves. */
  void left(long now, Ticket ticket, Permit permit) {
    Quota quota = of(ticket, now);
    if (quota != null) {
      quota.inFlight++;
      quota.windows.onSend(now, permit);
      held.put(permit, new Held(quota, ticket.charge));
    }
  }

  /** An answer was read and told its output, in tokens. */
  void settled(long now, Permit permit, long output) {
    Held holder = held.get(permit);
    if (holder != null) {
      long more = output - holder.charge.outputTokens();
      held.put(permit, new Held(holder.quota, new Cost(1, 0, output))); // told once more: no more
      holder.quota.windows.produced(now, permit, more);
    }
  }

  void ended(Permit permit) {
    Held holder = held.isEmpty() ? null : held.remove(permit);
    if (holder != null) {
      holder.quota.inFlight--;
    }
  }
}
