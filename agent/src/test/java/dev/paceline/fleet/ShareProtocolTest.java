package dev.paceline.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.words.Limit;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One member against a table that the test holds. */
class ShareProtocolTest {
  private static final long SECOND = 1_000_000_000L;
  private static final long MILLI = 1_000_000L;
  private static final long PROMISE = 2_000;

  private final Map<String, String> table = new LinkedHashMap<>();
  private long now;
  private long server = 1_700_000_000_000L;
  private ShareProtocol a;
  private ShareProtocol b;

  @BeforeEach
  void begin() {
    table.clear();
    now = 0;
    a = new ShareProtocol(0xaL);
    b = new ShareProtocol(0xbL);
  }

  private static ShareProtocol.Wish wish(long demand, int used, long hold) {
    return new ShareProtocol.Wish(
        new long[] {demand, 0, 0},
        new long[] {300_000, 0, 0},
        new int[] {used, 0, 0},
        hold,
        0,
        Limit.UNKNOWN);
  }

  private void pass(long nanos) {
    now += nanos;
    server += nanos / MILLI;
  }

  private ShareProtocol.Write send(ShareProtocol member, long demand) {
    return send(member, wish(demand, 0, 0));
  }

  private ShareProtocol.Write send(ShareProtocol member, ShareProtocol.Wish wish) {
    return member.next(now, PROMISE, wish);
  }

  private ShareProtocol.Table carryOut(ShareProtocol.Write write) {
    boolean found = table.remove(write.previous()) != null;
    write.stale().forEach(table::remove);
    table.put(write.field(), write.value());
    return new ShareProtocol.Table(new HashMap<>(table), found, server);
  }

  private double exchange(ShareProtocol member, long demand) {
    return exchange(member, wish(demand, 0, 0));
  }

  private double exchange(ShareProtocol member, ShareProtocol.Wish wish) {
    ShareProtocol.Table read = carryOut(send(member, wish));
    member.answered(now, now, read);
    return member.share(Resource.REQUESTS);
  }

  @Test
  void whoIsAloneAndWantsAllGetsAll() {
    assertThat(exchange(a, 1_000_000)).isEqualTo(1);
  }

  @Test
  void whoComesGetsHisPartWhenTheOtherHasWrittenThatHeTakesLess() {
    exchange(a, 1_000_000);
    assertThat(exchange(b, 1_000_000)).isZero();
    assertThat(exchange(a, 1_000_000)).isEqualTo(0.5);
    assertThat(exchange(b, 1_000_000)).as("a has not written it yet").isZero();
    exchange(a, 1_000_000);
    assertThat(exchange(b, 1_000_000)).isEqualTo(0.5);
  }

  @Test
  void aMemberThatIsSilentForTwiceItsPromiseIsGone() {
    exchange(a, 1_000_000);
    exchange(b, 1_000_000);
    pass(2 * SECOND);
    exchange(b, 1_000_000);
    pass(2 * SECOND + 1 * MILLI);
    exchange(b, 1_000_000);
    assertThat(exchange(b, 1_000_000)).isEqualTo(1);
    assertThat(a.holds(now)).isFalse();
    assertThat(table).hasSize(1);
  }

  @Test
  void whatWasUsedOfAWindowStaysClaimedUntilItHasComeBack() {
    exchange(a, wish(1_000_000, 600_000, 60_000));
    exchange(b, 1_000_000);
    exchange(a, wish(1_000_000, 600_000, 60_000)); // half is fair, .6 are used
    exchange(a, wish(1_000_000, 600_000, 60_000));
    assertThat(a.share(Resource.REQUESTS)).isEqualTo(0.5);
    assertThat(exchange(b, 1_000_000)).isEqualTo(0.4);
    for (int i = 0; i < 30; i++) { // a has died
      pass(SECOND);
      assertThat(exchange(b, 1_000_000)).isLessThanOrEqualTo(0.4);
    }
    for (int i = 0; i < 40; i++) {
      pass(SECOND);
      exchange(b, 1_000_000);
    }
    assertThat(b.share(Resource.REQUESTS)).isEqualTo(1);
  }

  @Test
  void whoWasPausedBeginsWithNothing() {
    exchange(a, 1_000_000);
    pass(40 * SECOND);
    assertThat(a.holds(now)).isFalse();
    table.clear();
    exchange(b, 1_000_000);
    assertThat(exchange(a, 1_000_000)).isZero();
  }

  @Test
  void aFlushedTableRaisesNobodyUntilAllCanHaveWritten() {
    exchange(a, 1_000_000);
    exchange(b, 1_000_000);
    exchange(a, 1_000_000);
    exchange(a, 1_000_000);
    exchange(b, 1_000_000);
    table.clear();
    assertThat(exchange(a, 1_000_000)).isEqualTo(0.5);
    pass(SECOND);
    assertThat(exchange(a, 1_000_000)).as("b is not there yet").isEqualTo(0.5);
    assertThat(exchange(b, 1_000_000)).isEqualTo(0.5);
  }

  @Test
  void aWriteThatComesLateUndoesNothing() {
    exchange(a, 1_000_000);
    ShareProtocol.Write late = send(a, 0); // asks for less; never answered
    a.lost();
    exchange(a, 1_000_000);
    carryOut(late);
    assertThat(exchange(b, 1_000_000)).isZero();
  }

  @Test
  void aClockThatJumpsEndsNoLease() {
    exchange(a, 1_000_000);
    exchange(b, 1_000_000);
    server += 300_000;
    pass(SECOND);
    assertThat(exchange(b, 1_000_000)).isZero();
    server -= 600_000;
    assertThat(exchange(b, 1_000_000)).isZero();
  }

  @Test
  void aDemandOfABillionGetsAnEqualPart() {
    table.put("00000000000000ff.1", "1;0;16000;0;0;rpm;0,1000000000,0;0,0,0;0,0,0");
    assertThat(exchange(a, 1_000_000)).isEqualTo(0.5);
  }

  /** Who keeps to the rules lets go within 77 s. */
  @Test
  void whoClaimsAllForeverIsLeftAlone() {
    ShareProtocol.Wish wanted =
        new ShareProtocol.Wish(
            new long[] {300, 0, 0}, new long[] {300, 0, 0}, new int[3], 0, 0, Limit.UNKNOWN);
    for (int i = 0; i < 200; i++) {
      table.remove("00000000000000ff." + (i - 1));
      table.put("00000000000000ff." + i, "1;0;2000;0;0;rpm;1000000,1000000000,0;0,0,0;0,0,0");
      assertThat(exchange(a, wanted)).isZero();
      assertThat(a.useless(now)).as("after %s s", i).isEqualTo(i > 150);
      pass(SECOND);
    }
    table.keySet().removeIf(name -> name.startsWith("00000000000000ff"));
    exchange(a, wanted);
    exchange(a, wanted);
    assertThat(a.useless(now)).isFalse();
    assertThat(a.share(Resource.REQUESTS)).isEqualTo(1);
  }

  @Test
  void aCooldownIsToldOnce() {
    ShareProtocol.Wish closed =
        new ShareProtocol.Wish(new long[3], new long[3], new int[3], 0, 5_000, Limit.RPM);
    exchange(b, 10);
    pass(SECOND);
    exchange(a, closed);
    exchange(b, 10);
    assertThat(b.closed()).hasSize(1);
    assertThat(b.closed().get(0).limit()).isEqualTo(Limit.RPM);
    exchange(b, 10);
    assertThat(b.closed()).isEmpty();
  }

  @Test
  void aTableOfAHundredThousandIsLeftAlone() {
    for (int i = 0; i < 100_000; i++) {
      table.put(String.format("%016x.1", i + 1_000), "1;0;16000;0;0;rpm;9,9,9;9,9,9;9,9,9");
    }
    exchange(a, 10);
    assertThat(a.refused()).isTrue();
    assertThat(a.holds(now)).isFalse();
  }

  @Property(tries = 300)
  void garbageIsNoMember(@ForAll @Size(max = 30) Map<String, String> garbage) {
    begin();
    table.putAll(garbage);
    exchange(a, 1_000_000);
    assertThat(a.members()).isEqualTo(1);
    assertThat(a.share(Resource.REQUESTS)).isEqualTo(1);
  }

  /** Texts that nearly are a member's. */
  @Property(tries = 300)
  void brokenMembersAreBounded(@ForAll long seed) {
    begin();
    Random random = new Random(seed);
    String good = "1;1700000000000;2000;0;0;rpm;250000,100,300;0,0,0;0,0,0";
    for (int i = 0; i < 20; i++) {
      StringBuilder text = new StringBuilder(good);
      for (int k = random.nextInt(4); k >= 0; k--) {
        text.setCharAt(random.nextInt(text.length()), (char) (32 + random.nextInt(90)));
      }
      table.put(String.format("%016x.%x", random.nextInt(9) + 1L, random.nextInt(9)), "" + text);
    }
    double share = exchange(a, 1_000_000);
    assertThat(share).isBetween(0.0, 1.0);
    assertThat(a.members()).isLessThanOrEqualTo(11);
  }

  /** Five members, messages lost and late, pauses: the sum is never more than the whole. */
  @Property(tries = 200)
  void theSumNeverExceedsTheWhole(@ForAll long seed) {
    begin();
    Random random = new Random(seed);
    ShareProtocol[] members = new ShareProtocol[5];
    ShareProtocol.Write[] late = new ShareProtocol.Write[5];
    for (int i = 0; i < members.length; i++) {
      members[i] = new ShareProtocol(i + 1L);
    }
    for (int step = 0; step < 300; step++) {
      pass(random.nextInt(100) < 3 ? 40 * SECOND : random.nextInt(400) * MILLI);
      int i = random.nextInt(members.length);
      if (late[i] != null && random.nextInt(4) == 0) {
        carryOut(late[i]);
        late[i] = null;
      }
      ShareProtocol.Write write = send(members[i], random.nextInt(600_000));
      int fate = random.nextInt(10);
      if (fate == 0) {
        late[i] = write;
        members[i].lost();
        members[i].connected(now);
      } else if (fate == 1) {
        carryOut(write);
        members[i].lost();
        members[i].connected(now);
      } else {
        members[i].answered(now, now, carryOut(write));
      }
      double sum = 0;
      for (ShareProtocol member : members) {
        sum += member.holds(now) ? member.share(Resource.REQUESTS) : 0;
      }
      assertThat(sum).isLessThanOrEqualTo(1 + 1e-9);
    }
  }
}
