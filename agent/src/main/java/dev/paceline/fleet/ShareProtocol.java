package dev.paceline.fleet;

import dev.paceline.words.FleetView;
import dev.paceline.words.Limit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One member of one table: table in, own claim out. It reads no clock and writes nothing; its owner
 * carries what {@link #next} says to Redis, in one atomic step that reads the table after the
 * write, and tells what came back.
 *
 * <p>A field of the table is written once, by one exchange, and removed by a later one of the same
 * member; so a message that comes late can only add an old claim, never undo a newer one. A member
 * whose newest field has not changed for twice as long as it promised is gone; by its own clock it
 * has let its share go before, after one and a half.
 *
 * <p>Not thread-safe.
 */
final class ShareProtocol {
  /** Fields beyond which a table is none of ours: it is left alone, and nothing is shared. */
  static final int MOST_FIELDS = 600;

  /** Fields of others that one exchange removes. */
  private static final int MOST_REMOVED = 50;

  /** After a disturbance nobody takes more until everyone has had the time to write again. */
  private static final long CALM_NANOS = 2 * MemberState.MAX_PROMISE * 1_000_000L;

  private static final long MILLI = 1_000_000L;

  /**
   * What others claim beyond their fair parts comes back within a promise and a window, 77 s. Who
   * is left less than half of his for longer shares with somebody who does not keep to the rules.
   */
  private static final long STARVED_NANOS = 150_000_000_000L;

  /** Members that people are shown one by one. */
  private static final int MOST_SHOWN = 11;

  /**
   * What this member would like.
   *
   * @param demands units a minute, by {@link Resource}
   * @param capacities units a minute; 0 for unknown
   * @param used millionths of a window that is counted, used by us and not come back
   * @param hold milliseconds until what was used has come back, after the last write
   * @param cooldown milliseconds for which nothing is sent after a limit answer
   */
  record Wish(
      long[] demands, long[] capacities, int[] used, long hold, long cooldown, Limit limit) {}

  /**
   * What is to be written.
   *
   * @param previous our field that is to be removed, and should be there; empty for none
   * @param stale other fields to remove
   */
  record Write(String previous, String field, String value, List<String> stale) {}

  /**
   * What was read after the write, in the same atomic step.
   *
   * @param previousFound whether our previous field was there
   * @param serverMillis Redis' clock
   */
  record Table(Map<String, String> fields, boolean previousFound, long serverMillis) {}

  /** A field when it was seen first. */
  private record Seen(long serverMillis, long sent) {}

  /** Another member, as the newest table has it. */
  private record Other(String id, MemberState state, int[] claims, boolean silent) {}

  /** A limit answer that another member met: for so long it sends nothing. */
  record Closed(long nanos, Limit limit) {}

  private final String id;
  private final Claim[] claims = new Claim[Resource.COUNT];

  /** Shares while a lease was last held. */
  private final int[] last = new int[Resource.COUNT];

  private final Map<String, Seen> seen = new HashMap<>();
  private long sequence;
  private String field = "";
  private String answeredField = "";
  private long promise;
  private List<Other> others = List.of();
  private List<String> stale = List.of();
  private Wish wish = new Wish(new long[3], new long[3], new int[3], 0, 0, Limit.UNKNOWN);
  private boolean joined;
  private boolean refused;
  private long leaseEnds;
  private long calmFrom;
  private boolean disturbed;
  private long serverMillis;
  private long serverAt;
  private int garbage;
  private final List<Closed> closed = new ArrayList<>();
  private boolean newcomer;
  private boolean starving;
  private long starvingSince;

  /**
   * @param id random: no two processes have the same, nor one process after it forgot its state
   */
  ShareProtocol(long id) {
    String hex = Long.toHexString(id);
    this.id = "0".repeat(16 - hex.length()) + hex;
    Arrays.fill(claims, Claim.NONE);
  }

  /** The connection is a new one: what it leads to may know less than what was written. */
  void connected(long now) {
    if (joined) {
      disturb(now);
    }
  }

  private void disturb(long now) {
    disturbed = true;
    calmFrom = now + CALM_NANOS;
  }

  /**
   * What to write now.
   *
   * @param promiseMillis the next write comes within that
   */
  Write next(long now, long promiseMillis, Wish wanted) {
    wish = wanted;
    promise = Math.max(1, Math.min(MemberState.MAX_PROMISE, promiseMillis));
    lapse(now);
    if (disturbed && now - calmFrom >= 0) {
      disturbed = false;
    }
    int[] targets = targets();
    int[] written = new int[Resource.COUNT];
    for (int r = 0; r < written.length; r++) {
      claims[r] = claims[r].asking(targets[r], !disturbed);
      // The write may arrive and its answer not: what it claims is all that is used from now on.
      last[r] = joined ? claims[r].granted() : last[r];
      written[r] = claims[r].written(wish.used[r]);
    }
    sequence++;
    field = id + '.' + Long.toHexString(sequence);
    MemberState state =
        new MemberState(
            serverMillis == 0 ? 0 : serverMillis + (now - serverAt) / MILLI,
            promise,
            Math.max(0, Math.min(MemberState.MAX_HOLD, wish.hold)),
            Math.max(0, Math.min(MemberState.MAX_COOLDOWN, wish.cooldown)),
            wish.limit,
            written,
            wish.demands,
            wish.capacities);
    return new Write(answeredField, field, state.text(), stale);
  }

  /** By our own clock the share is no longer ours. */
  private void lapse(long now) {
    if (joined && now - leaseEnds >= 0) {
      joined = false;
      starving = false;
      for (int r = 0; r < claims.length; r++) {
        claims[r] = claims[r].lapsed();
      }
    }
  }

  /**
   * The write was answered. An answer that came after its time was up is not told here.
   *
   * @param sent when the write left, by the clock of {@code now}
   */
  void answered(long now, long sent, Table table) {
    lapse(sent);
    boolean known = !answeredField.isEmpty();
    if (known && !table.previousFound) {
      disturb(now);
    }
    answeredField = field;
    serverMillis = table.serverMillis;
    serverAt = now;
    refused = table.fields.size() > MOST_FIELDS;
    if (refused) {
      seen.clear();
      others = List.of();
      stale = List.of();
      joined = true;
      leaseEnds = sent;
      lapse(now);
      return;
    }
    read(now, sent, table);
    for (int r = 0; r < claims.length; r++) {
      long sum = 0;
      for (Other other : others) {
        sum += other.claims[r];
      }
      claims[r] = claims[r].answered(sum);
    }
    joined = true;
    leaseEnds = sent + promise * MILLI * 3 / 2;
    int[] targets = targets();
    boolean starves = false;
    for (int r = 0; r < claims.length; r++) {
      claims[r] = claims[r].lowered(targets[r]);
      last[r] = claims[r].granted();
      starves |=
          wish.capacities[r] > 0 && wish.demands[r] > 0 && claims[r].granted() < targets[r] / 2;
    }
    starvingSince = starving ? starvingSince : now;
    starving = starves && !disturbed;
  }

  private void read(long now, long sent, Table table) {
    Map<String, TreeMap<Long, String>> members = new TreeMap<>();
    List<String> remove = new ArrayList<>();
    garbage = 0;
    for (String name : table.fields.keySet()) {
      long number = number(name);
      if (number < 0) {
        garbage++;
      } else if (name.startsWith(id)) {
        if (!name.equals(field)) {
          remove.add(name);
        }
      } else {
        members.computeIfAbsent(name.substring(0, 16), i -> new TreeMap<>()).put(number, name);
      }
    }
    seen.keySet().retainAll(table.fields.keySet());
    List<Other> found = new ArrayList<>();
    int before = others.size();
    closed.clear();
    for (Map.Entry<String, TreeMap<Long, String>> member : members.entrySet()) {
      found(now, sent, table, member.getKey(), member.getValue(), found, remove);
    }
    newcomer = found.size() > before;
    others = found;
    stale = remove.size() > MOST_REMOVED ? remove.subList(0, MOST_REMOVED) : remove;
  }

  private void found(
      long now,
      long sent,
      Table table,
      String member,
      TreeMap<Long, String> fields,
      List<Other> found,
      List<String> remove) {
    String newest = fields.lastEntry().getValue();
    MemberState state = MemberState.parse(table.fields.get(newest));
    boolean fresh = !seen.containsKey(newest);
    Seen first = seen.computeIfAbsent(newest, name -> new Seen(table.serverMillis, sent));
    // By Redis' clock; a jump of it is no longer than what has passed here meanwhile.
    long age = Math.min(table.serverMillis - first.serverMillis, (now - first.sent) / MILLI);
    if (age < 0) {
      seen.put(newest, new Seen(table.serverMillis, sent));
    }
    long promised = state == null ? MemberState.MAX_PROMISE : state.promise();
    long hold = state == null ? 0 : state.hold();
    if (age > 2 * promised + hold) {
      remove.addAll(fields.values());
      return;
    }
    if (state == null) {
      garbage++;
      return;
    }
    int[] most = state.claims().clone();
    for (String older : fields.values()) {
      MemberState also = older.equals(newest) ? null : MemberState.parse(table.fields.get(older));
      for (int r = 0; also != null && r < most.length; r++) {
        most[r] = Math.max(most[r], also.claims()[r]);
      }
    }
    found.add(new Other(member, state, most, age > 2 * promised));
    if (fresh && state.cooldown() > 0) {
      long since = state.at() == 0 ? 0 : Math.max(0, table.serverMillis - state.at());
      long left = Math.min(state.cooldown(), state.cooldown() - since);
      if (left > 0) {
        closed.add(new Closed(left * MILLI, state.limit()));
      }
    }
  }

  /** The sequence number in a field's name; -1 when it is not a member's. */
  private static long number(String name) {
    if (name.length() < 18 || name.length() > 33 || name.charAt(16) != '.') {
      return -1;
    }
    long number = 0;
    for (int i = 0; i < name.length(); i++) {
      int digit = i == 16 ? 0 : Character.digit(name.charAt(i), 16);
      if (digit < 0 || name.charAt(i) > 'f') {
        return -1;
      }
      number = i > 16 ? number * 16 + digit : 0;
    }
    return number < 0 ? -1 : number;
  }

  /** The fair shares of this member, by the newest table. */
  private int[] targets() {
    int[] targets = new int[Resource.COUNT];
    List<Other> live = new ArrayList<>();
    for (Other other : others) {
      if (!other.silent) {
        live.add(other);
      }
    }
    int mine = 0;
    while (mine < live.size() && live.get(mine).id.compareTo(id) < 0) {
      mine++;
    }
    for (int r = 0; r < targets.length; r++) {
      long held = 0;
      for (Other other : others) {
        held += other.silent ? other.claims[r] : 0;
      }
      long[] demands = new long[live.size() + 1];
      long capacity = wish.capacities[r];
      for (int i = 0; i < demands.length; i++) {
        MemberState state = i == mine ? null : live.get(i < mine ? i : i - 1).state;
        demands[i] = state == null ? wish.demands[r] : state.demands()[r];
        // Who knows of less is told later of a change, or is wrong; one liar must not starve all.
        capacity = state == null ? capacity : agreed(capacity, state.capacities()[r]);
      }
      int whole = (int) Math.max(0, Claim.WHOLE - held);
      targets[r] = MaxMin.shares(demands, capacity, whole)[mine];
    }
    return targets;
  }

  private static long agreed(long ours, long theirs) {
    return ours > 0 ? ours : theirs;
  }

  /** The exchange failed, or its answer came too late: what it wrote may be there or not. */
  void lost() {
    // Every write claims at least what is used, so whichever of them is there covers it.
  }

  /** Whether a share is held now. */
  boolean holds(long now) {
    return joined && !refused && now - leaseEnds < 0;
  }

  /** The part of a limit that is ours, from 0 to 1; what it was last when the lease is over. */
  double share(Resource resource) {
    return (double) last[resource.ordinal()] / Claim.WHOLE;
  }

  /** Who takes how much, by the newest table. */
  List<FleetView.Split> splits() {
    List<FleetView.Split> splits = new ArrayList<>();
    for (Resource resource : Resource.values()) {
      int r = resource.ordinal();
      long units = wish.capacities[r];
      List<Double> theirs = new ArrayList<>();
      for (Other other : others) {
        units = agreed(units, other.state.capacities()[r]);
        theirs.add((double) other.claims[r] / Claim.WHOLE);
      }
      theirs.removeIf(part -> part <= 0);
      theirs.sort(Comparator.reverseOrder());
      double rest = 0;
      while (theirs.size() > MOST_SHOWN) {
        rest += theirs.remove(MOST_SHOWN);
      }
      if (rest > 0) {
        theirs.add(rest);
      }
      if (units > 0) {
        splits.add(new FleetView.Split(resource.tag(), units, share(resource), theirs));
      }
    }
    return splits;
  }

  /** Whether a share was ever held. */
  boolean everHeld() {
    return !answeredField.isEmpty();
  }

  /** Members that are there, this one included. */
  int members() {
    int count = 1;
    for (Other other : others) {
      count += other.silent ? 0 : 1;
    }
    return count;
  }

  /** Whether the table is of no use: too many fields, or others leave nothing. */
  boolean useless(long now) {
    return refused || (starving && now - starvingSince > STARVED_NANOS);
  }

  /** Whether the newest table had too many fields. */
  boolean refused() {
    return refused;
  }

  /** Fields of the newest table that are no member's. */
  int garbage() {
    return garbage;
  }

  /** Limit answers that others have told of since the last table. */
  List<Closed> closed() {
    return List.copyOf(closed);
  }

  /** Whether the newest table has more members than the one before. */
  boolean newcomer() {
    return newcomer;
  }

  /** Whether more than is held would be fair, and is asked for: others have to make room. */
  boolean rising() {
    int[] targets = targets();
    for (int r = 0; r < claims.length; r++) {
      if (wish.demands[r] > 0 && targets[r] - claims[r].granted() > Claim.WHOLE / 50) {
        return true;
      }
    }
    return false;
  }

  /** When the lease is over by our own clock. */
  long leaseEnds() {
    return leaseEnds;
  }
}
