package dev.paceline.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * Every interleaving of three members with four exchanges in all: what is asked for, messages that
 * arrive late or never, answers that are lost, crashes, pauses (nothing happens for long), leases
 * that end and fields that are removed by others. In no state may the members use more than the
 * whole.
 */
class ClaimModelTest {
  private static final int MEMBERS = 3;
  private static final int EXCHANGES = 3;
  private static final int MOST_EXCHANGES = 4;
  private static final int HALF = Claim.WHOLE / 2;
  private static final int NONE = 3;

  /** One member, its fields in the table, and its messages on the way; claims in halves. */
  private static final class Member implements Cloneable {
    int granted;
    int aim;
    int answered;
    int last;
    boolean open;
    boolean dead;

    /** Others may remove its fields up to this one. */
    int removable;

    /** Own fields that the next exchange removes. */
    int stale;

    /** By exchange: the claim in the table, the one on the way; what that removes. */
    int[] table = {NONE, NONE, NONE};

    int[] way = {NONE, NONE, NONE};
    int[] removes = new int[EXCHANGES];

    /** What the others claimed when the open exchange was carried out; 7 while it was not. */
    int answer = 7;

    int seen;

    Member copy() {
      try {
        Member copy = (Member) clone();
        copy.table = table.clone();
        copy.way = way.clone();
        copy.removes = removes.clone();
        return copy;
      } catch (CloneNotSupportedException e) {
        throw new AssertionError(e);
      }
    }

    /** Only what it has written, or what is on the way, matters from now on. */
    void die() {
      dead = true;
      open = false;
      answer = 7;
      granted = 0;
      aim = 0;
      answered = 0;
      removable = 0;
      stale = 0;
      seen = 0;
    }

    Claim claim() {
      return new Claim(granted * HALF, aim * HALF);
    }

    void claim(Claim claim) {
      granted = claim.granted() / HALF;
      aim = claim.aim() / HALF;
    }

    int most() {
      int most = 0;
      for (int claim : table) {
        most = claim == NONE ? most : Math.max(most, claim);
      }
      return most;
    }

    long code() {
      long code = granted;
      code = code << 2 | aim;
      code = code << 2 | answered;
      code = code << 2 | last;
      code = code << 1 | (open ? 1 : 0);
      code = code << 1 | (dead ? 1 : 0);
      code = code << 2 | removable;
      code = code << 3 | stale;
      for (int i = 0; i < EXCHANGES; i++) {
        code = code << 2 | table[i];
        code = code << 2 | way[i];
        code = code << 3 | removes[i];
      }
      code = code << 3 | answer;
      return code << 3 | seen;
    }
  }

  private record State(Member[] members) {
    State copy() {
      Member[] copies = new Member[MEMBERS];
      for (int i = 0; i < MEMBERS; i++) {
        copies[i] = members[i].copy();
      }
      return new State(copies);
    }

    /** Members are alike: their order does not matter. */
    Code code() {
      long[] codes = Arrays.stream(members).mapToLong(Member::code).sorted().toArray();
      return new Code(codes[0], codes[1], codes[2]);
    }

    int used() {
      return Arrays.stream(members).mapToInt(member -> member.dead ? 0 : member.granted).sum();
    }

    int exchanges() {
      return Arrays.stream(members).mapToInt(member -> member.last).sum();
    }
  }

  private record Code(long a, long b, long c) {}

  @Test
  void noInterleavingGrantsMoreThanTheWhole() {
    int states = explore(true);
    System.out.println("states of the share protocol: " + states);
    assertThat(states).isGreaterThan(100_000);
  }

  /** The check would find it if a raise counted before it was written. */
  @Test
  void aRaiseThatLooksAtAnOlderTableIsFound() {
    assertThat(explore(false)).isEqualTo(-1);
  }

  /**
   * How many states there are; -1 when in one of them too much is granted.
   *
   * @param atomic whether the table is read after the write, in one step
   */
  private static int explore(boolean atomic) {
    State first = new State(new Member[] {new Member(), new Member(), new Member()});
    Set<Code> known = new HashSet<>();
    ArrayDeque<State> todo = new ArrayDeque<>();
    boolean[] broken = new boolean[1];
    Consumer<State> reached =
        state -> {
          broken[0] |= state.used() > 2;
          if (known.add(state.code())) {
            todo.add(state);
          }
        };
    reached.accept(first);
    while (!todo.isEmpty() && !broken[0]) {
      State state = todo.removeLast();
      for (int i = 0; i < MEMBERS; i++) {
        member(state, i, reached, atomic);
      }
    }
    return broken[0] ? -1 : known.size();
  }

  private static void member(State state, int i, Consumer<State> reached, boolean atomic) {
    Member member = state.members[i];
    if (!member.dead) {
      if (!member.open && member.last < EXCHANGES && state.exchanges() < MOST_EXCHANGES) {
        for (int target = 0; target <= 2; target++) {
          send(state.copy(), i, target, reached, atomic);
        }
      }
      if (member.open) {
        State lost = state.copy();
        lost.members[i].open = false;
        lost.members[i].answer = 7;
        lost.members[i].seen = 0;
        reached.accept(lost);
        if (member.answer != 7) {
          answered(state.copy(), i, reached);
        }
      }
      int over = member.open ? member.last - 1 : member.last;
      if (member.granted > 0 || member.removable < over) {
        State lapsed = state.copy();
        Member late = lapsed.members[i];
        late.claim(late.claim().lapsed());
        late.removable = Math.max(late.removable, over);
        reached.accept(lapsed);
      }
      State crashed = state.copy();
      crashed.members[i].die();
      reached.accept(crashed);
    }
    for (int n = 0; n < EXCHANGES; n++) {
      if (member.way[n] != NONE) {
        carriedOut(state.copy(), i, n, reached, atomic);
      }
      if (member.table[n] != NONE && (member.dead || n < member.removable)) {
        State removed = state.copy();
        removed.members[i].table[n] = NONE;
        reached.accept(removed);
      }
    }
  }

  private static void send(State next, int i, int target, Consumer<State> reached, boolean atomic) {
    Member member = next.members[i];
    member.claim(member.claim().asking(target * HALF, true));
    int n = member.last++;
    member.open = true;
    member.way[n] = member.claim().written(0) / HALF;
    member.removes[n] = member.stale | (member.answered == 0 ? 0 : 1 << (member.answered - 1));
    if (!atomic) { // looks first, and writes then
      member.answer = others(next, i);
    }
    reached.accept(next);
  }

  private static void carriedOut(
      State next, int i, int n, Consumer<State> reached, boolean atomic) {
    Member member = next.members[i];
    for (int old = 0; old < EXCHANGES; old++) {
      if ((member.removes[n] & 1 << old) != 0) {
        member.table[old] = NONE;
      }
    }
    member.table[n] = member.way[n] == 0 ? NONE : member.way[n]; // claims nothing: as if absent
    member.way[n] = NONE;
    member.removes[n] = 0;
    if (member.open && n == member.last - 1) {
      member.answer = atomic ? others(next, i) : member.answer;
      member.seen = 0;
      for (int other = 0; other < EXCHANGES; other++) {
        member.seen |= other != n && member.table[other] != NONE ? 1 << other : 0;
      }
    }
    reached.accept(next);
  }

  private static int others(State state, int i) {
    int sum = 0;
    for (int j = 0; j < MEMBERS; j++) {
      sum += j == i ? 0 : state.members[j].most();
    }
    return sum;
  }

  private static void answered(State next, int i, Consumer<State> reached) {
    Member member = next.members[i];
    member.claim(member.claim().answered((long) member.answer * HALF));
    member.answered = member.last;
    member.stale = member.seen;
    member.open = false;
    member.answer = 7;
    member.seen = 0;
    reached.accept(next); // what is lowered now is lowered with the next write, too
  }
}
