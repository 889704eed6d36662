package dev.paceline.call;

import dev.paceline.config.FamilyMode;
import dev.paceline.limit.Attempt;
import dev.paceline.limit.Kin;
import dev.paceline.limit.Kinship;
import dev.paceline.limit.Sight;
import dev.paceline.words.LimitReading;
import dev.paceline.words.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Joins scopes of one owner whose models draw on one limit, once their headers have proved it
 * ({@link Kinship}), and parts them at the first contradiction. The one that others join never
 * joins another, as with {@link Organisations}; scopes that those have joined are left alone.
 */
final class Families {
  /** Scopes of one owner that are looked at: each with eight others. */
  private static final int MOST = 9;

  /** A scope that has sent nothing for so long makes room. */
  private static final long IDLE = 600_000_000_000L;

  private static final int LONGEST_NAME = 80;

  /** A scope, among those of its owner. Guarded by its clan's lock but for what is final. */
  static final class Member {
    private final Lane lane;
    private final Clan clan;
    private Kin kin;

    /** Whom it has joined. Written also under the lock of joins. */
    private volatile @Nullable Member into;

    private Member(Lane lane, Clan clan, long now) {
      this.lane = lane;
      this.clan = clan;
      this.kin = new Kin(now);
    }
  }

  /** Two scopes of one owner. */
  private static final class Pair {
    private final Member first;
    private final Member second;
    private final Kinship kinship;

    /** One of the two belongs to somebody else: nothing to ask. */
    private boolean dormant;

    private boolean said;

    private Pair(Member first, Member second) {
      this.first = first;
      this.second = second;
      this.kinship = new Kinship(first.kin, second.kin);
    }

    private boolean has(Member member) {
      return first == member || second == member;
    }

    /** The one that has joined the other; null while they are apart. */
    private @Nullable Member joiner() {
      return second.into == first ? second : first.into == second ? first : null;
    }
  }

  /** The scopes of one owner. Its lock is a leaf: nothing else is locked under it. */
  private static final class Clan {
    private final ReentrantLock lock = new ReentrantLock();
    private final List<Member> members = new ArrayList<>(2);
    private final List<Pair> pairs = new ArrayList<>(1);

    /** Read without the lock to save the work where there is nobody to compare with. */
    private volatile boolean alone = true;

    private void add(Member member, long now) {
      if (members.size() == 1) {
        // Nothing was noted as long as it was alone.
        members.get(0).kin = new Kin(now);
      }
      for (Member other : members) {
        pairs.add(new Pair(other, member));
      }
      members.add(member);
      alone = members.size() < 2;
      regroup();
    }

    private void remove(Member member) {
      members.remove(member);
      pairs.removeIf(pair -> pair.has(member));
      alone = members.size() < 2;
      regroup();
    }

    /** After somebody has come, gone, joined or parted. */
    private void regroup() {
      for (Pair pair : pairs) {
        Member joiner = pair.joiner();
        pair.dormant = joiner == null && (pair.first.into != null || pair.second.into != null);
        if (joiner != null) {
          Member root = joiner == pair.first ? pair.second : pair.first;
          sides(pair, new Kin[] {joiner.kin}, household(root, joiner));
        } else if (!pair.dormant) {
          sides(pair, household(pair.first, null), household(pair.second, null));
        }
      }
    }

    private void sides(Pair pair, Kin[] first, Kin[] second) {
      List<Kin> others = new ArrayList<>(members.size());
      for (Member member : members) {
        if (!List.of(first).contains(member.kin) && !List.of(second).contains(member.kin)) {
          others.add(member.kin);
        }
      }
      pair.kinship.sides(first, second, others.toArray(new Kin[0]));
    }

    private Kin[] household(Member root, @Nullable Member without) {
      List<Kin> kin = new ArrayList<>(members.size());
      for (Member member : members) {
        if (member != without && (member == root || member.into == root)) {
          kin.add(member.kin);
        }
      }
      return kin.toArray(new Kin[0]);
    }

    private List<Member> copy() {
      lock.lock();
      try {
        return List.copyOf(members);
      } finally {
        lock.unlock();
      }
    }

    private List<Member> joinersOf(Member root) {
      return members.stream().filter(member -> member.into == root).toList();
    }
  }

  private final Clock clock;
  private final ConcurrentHashMap<Scope, Lane> lanes;
  private final ReentrantLock joins;
  private final Consumer<String> log;
  private final Consumer<Throwable> onFault;
  private final ConcurrentHashMap<Scope, Clan> clans = new ConcurrentHashMap<>();
  private volatile FamilyMode mode;

  /**
   * @param joins held by whoever joins or parts lanes, for whatever reason
   * @param log where is said what was found
   */
  Families(
      Clock clock,
      ConcurrentHashMap<Scope, Lane> lanes,
      ReentrantLock joins,
      Consumer<String> log,
      Consumer<Throwable> onFault,
      FamilyMode mode) {
    this.clock = clock;
    this.lanes = lanes;
    this.joins = joins;
    this.log = log;
    this.onFault = onFault;
    this.mode = mode;
  }

  // --- what happens to attempts; none of these throws

  /** An attempt of this lane's scope leaves. */
  void left(Lane lane, Attempt attempt) {
    if (mode == FamilyMode.OFF) {
      return;
    }
    try {
      Member known = lane.family;
      Member member = known != null ? known : enlist(lane);
      if (member == null || member.clan.alone) {
        return;
      }
      member.clan.lock.lock();
      try {
        member.kin.sent(clock.nanos(), attempt);
      } finally {
        member.clan.lock.unlock();
      }
    } catch (Throwable t) {
      failed(t);
    }
  }

  /** It leaves the client only now. */
  void departed(Lane lane, Attempt attempt) {
    note(lane, attempt, Note.DEPARTED);
  }

  /** Whether it was charged, when, or how often, is not known. */
  void doubt(Lane lane, Attempt attempt) {
    note(lane, attempt, Note.DOUBT);
  }

  /** Its output was corrected. */
  void settled(Lane lane, Attempt attempt) {
    note(lane, attempt, Note.SETTLED);
  }

  private enum Note {
    DEPARTED,
    DOUBT,
    SETTLED
  }

  private void note(Lane lane, Attempt attempt, Note note) {
    Member member = mode == FamilyMode.OFF ? null : lane.family;
    if (member == null || member.clan.alone) {
      return;
    }
    try {
      member.clan.lock.lock();
      try {
        long now = clock.nanos();
        switch (note) {
          case DEPARTED -> member.kin.departed(now, attempt);
          case DOUBT -> member.kin.doubt(now, attempt);
          case SETTLED -> member.kin.settled(now);
        }
      } finally {
        member.clan.lock.unlock();
      }
    } catch (Throwable t) {
      failed(t);
    }
  }

  /** An attempt was served; after the lane has learned from its headers. */
  void served(Lane lane, Attempt attempt, List<LimitReading> readings) {
    Member member = mode == FamilyMode.OFF || readings.isEmpty() ? null : lane.family;
    if (member == null || member.clan.alone) {
      return;
    }
    try {
      List<Sight> sights = lane.sights(attempt, readings);
      if (!sights.isEmpty()) {
        seen(member, sights);
      }
    } catch (Throwable t) {
      failed(t);
    }
  }

  private void seen(Member member, List<Sight> sights) {
    Pair proved = null;
    Pair refuted = null;
    Clan clan = member.clan;
    clan.lock.lock();
    try {
      long now = clock.nanos();
      for (Pair pair : clan.pairs) {
        if (pair.dormant) {
          continue;
        }
        Kinship.Finding finding = pair.kinship.header(now, member.kin, sights);
        boolean joined = pair.joiner() != null;
        if (finding == Kinship.Finding.FOR && !joined && pair.kinship.proved()) {
          proved = pair;
        } else if (joined
            && (finding == Kinship.Finding.AGAINST || finding == Kinship.Finding.UNLIKE)) {
          refuted = pair;
        }
      }
      Kinship.told(member.kin, sights);
    } finally {
      clan.lock.unlock();
    }
    if (refuted != null) {
      part(clan, refuted);
    } else if (proved != null) {
      found(clan, proved);
    }
  }

  /** What fails in here is nobody's business but its own: it looks no further. */
  private void failed(Throwable t) {
    mode = FamilyMode.OFF;
    onFault.accept(t);
  }

  private @Nullable Member enlist(Lane lane) {
    Clan clan =
        clans.computeIfAbsent(
            new Scope(lane.scope.provider(), lane.scope.owner(), ""), owner -> new Clan());
    clan.lock.lock();
    try {
      Member known = lane.family;
      if (known != null) {
        return known;
      }
      long now = clock.nanos();
      if (clan.members.size() >= MOST && !makeRoom(clan, now)) {
        return null;
      }
      Member member = new Member(lane, clan, now);
      clan.add(member, now);
      lane.family = member;
      return member;
    } finally {
      clan.lock.unlock();
    }
  }

  private static boolean makeRoom(Clan clan, long now) {
    for (Member member : clan.members) {
      if (member.into == null
          && now - member.kin.lastSent() > IDLE
          && clan.joinersOf(member).isEmpty()) {
        clan.remove(member);
        member.lane.family = null;
        return true;
      }
    }
    return false;
  }

  // --- joining and parting

  private void found(Clan clan, Pair pair) {
    joins.lock();
    try {
      if (mode == FamilyMode.AUTO) {
        join(clan, pair);
      } else if (mode == FamilyMode.OBSERVE && !pair.said) {
        pair.said = true;
        say(pair, "seem to draw on one limit; paceline.families=auto paces them as one");
      }
    } finally {
      joins.unlock();
    }
  }

  private void join(Clan clan, Pair pair) {
    Member root = pair.first;
    Member joiner = pair.second;
    List<Member> others;
    clan.lock.lock();
    try {
      if (pair.dormant || pair.joiner() != null || !pair.kinship.proved()) {
        return; // somebody else was faster
      }
      others = clan.joinersOf(joiner);
      if (others.size() > clan.joinersOf(root).size()) {
        root = pair.second;
        joiner = pair.first;
        others = clan.joinersOf(joiner);
      }
    } finally {
      clan.lock.unlock();
    }
    if (unfit(root) || unfit(joiner) || !root.lane.boundedAs(joiner.lane)) {
      return;
    }
    List<Member> all = new ArrayList<>(others);
    all.add(0, joiner);
    others.forEach(other -> other.lane.partAsLeft());
    for (Member member : all) {
      member.lane.join(root.lane);
    }
    regroup(clan, all, root);
    say(pair, "draw on one limit, as their answers show; they are paced as one");
  }

  /** Gone, switched off, or joined for another reason. */
  private boolean unfit(Member member) {
    Lane lane = member.lane;
    if (lane.family != member || lanes.get(lane.scope) != lane || lane.into() != null) {
      return true;
    }
    for (Lane other : lanes.values()) {
      if (other.into() == lane && !joined(other)) {
        return true;
      }
    }
    return false;
  }

  private void part(Clan clan, Pair pair) {
    joins.lock();
    try {
      Member joiner = pair.joiner();
      if (joiner != null) {
        joiner.lane.partAsLeft();
        regroup(clan, List.of(joiner), null);
        say(pair, "have limits of their own after all; they are paced apart");
      }
    } finally {
      joins.unlock();
    }
  }

  private static void regroup(Clan clan, List<Member> members, @Nullable Member into) {
    clan.lock.lock();
    try {
      members.forEach(member -> member.into = into);
      clan.regroup();
    } finally {
      clan.lock.unlock();
    }
  }

  /** Whether this lane has joined another one for its model's sake. */
  boolean joined(Lane lane) {
    Member member = lane.family;
    return member != null && member.into != null;
  }

  /**
   * Undoes what ties this lane to others; what was proved stays so. Under the lock of joins, by
   * those who join for another reason.
   */
  void release(Lane lane) {
    Member member = lane.family;
    if (member == null) {
      return;
    }
    List<Member> parted = new ArrayList<>(member.clan.members.size());
    member.clan.lock.lock();
    try {
      parted.addAll(member.clan.joinersOf(member));
    } finally {
      member.clan.lock.unlock();
    }
    if (member.into != null) {
      parted.add(member);
    }
    if (!parted.isEmpty()) {
      parted.forEach(other -> other.lane.partAsLeft());
      regroup(member.clan, parted, null);
    }
  }

  /** Other typed limits may hold now, and whoever has others must not share a budget. */
  void settingsChanged(FamilyMode now) {
    joins.lock();
    try {
      if (mode == FamilyMode.OFF && now == FamilyMode.OFF) {
        return;
      }
      lanes.values().forEach(this::release);
      if (now == FamilyMode.OFF) {
        lanes.values().forEach(lane -> lane.family = null);
        clans.clear();
      }
      mode = now;
    } finally {
      joins.unlock();
    }
  }

  /** Forgets scopes whose lane is gone. */
  void forgetEvicted() {
    if (clans.isEmpty()) {
      return;
    }
    joins.lock();
    try {
      for (Clan clan : clans.values()) {
        for (Member member : clan.copy()) {
          if (lanes.get(member.lane.scope) != member.lane) {
            release(member.lane);
            clan.lock.lock();
            try {
              clan.remove(member);
              member.lane.family = null;
            } finally {
              clan.lock.unlock();
            }
          }
        }
      }
      clans.values().removeIf(clan -> clan.members.isEmpty());
    } finally {
      joins.unlock();
    }
  }

  private void say(Pair pair, String what) {
    Scope one = pair.first.lane.scope;
    log.accept(
        "paceline: the models "
            + name(one.model())
            + " and "
            + name(pair.second.lane.scope.model())
            + " of "
            + one.provider()
            + " "
            + what);
  }

  /** Models are named by the application: no line breaks, and no novels. */
  private static String name(String model) {
    String cut = model.length() <= LONGEST_NAME ? model : model.substring(0, LONGEST_NAME) + "...";
    return cut.replaceAll("\\p{Cntrl}", "?");
  }
}
