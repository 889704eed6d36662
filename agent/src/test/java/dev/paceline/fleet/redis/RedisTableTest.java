package dev.paceline.fleet.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.paceline.fleet.Fleet;
import dev.paceline.fleet.FleetKeys;
import dev.paceline.limit.FleetNeeds;
import dev.paceline.limit.FleetShare;
import dev.paceline.limit.SharedScope;
import dev.paceline.words.FleetView;
import dev.paceline.words.Limit;
import dev.paceline.words.Scope;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Connection;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Protocol.Command;

/** The exchange with a real server; skipped where neither Redis nor Valkey is on the path. */
class RedisTableTest {
  /** Obviously no password of anybody's. */
  private static final String PASSWORD = "canary-password-of-a-test";

  @TempDir Path folder;
  private int port;
  private Process server;

  private static String program() {
    for (String name : List.of("redis-server", "valkey-server")) {
      for (String path : System.getenv("PATH").split(File.pathSeparator)) {
        if (Files.isExecutable(Path.of(path, name))) {
          return path + File.separator + name;
        }
      }
    }
    return "";
  }

  @BeforeEach
  void start() throws IOException {
    assumeTrue(!program().isEmpty(), "neither redis-server nor valkey-server is on the path");
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    begin();
  }

  private void begin() throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(program(), "--port", "" + port, "--bind", "127.0.0.1", "--save", ""));
    // What docs/fleet.md says that the agent's user needs.
    command.addAll(List.of("--user", "paceline", "on", ">" + PASSWORD, "resetkeys", "~paceline:*"));
    command.addAll(List.of("resetchannels", "-@all", "+multi", "+exec", "+hdel", "+hset"));
    command.addAll(List.of("+hscan", "+pexpire", "+time", "+select"));
    server =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    BufferedReader said = server.inputReader();
    String line;
    do {
      line = said.readLine();
      assertThat(line).as("the server of the test ends").isNotNull();
    } while (!line.contains("Ready to accept connections"));
  }

  @AfterEach
  void stop() throws InterruptedException {
    if (server != null) {
      server.destroyForcibly().waitFor();
    }
  }

  private URI address() {
    return URI.create("redis://paceline:" + PASSWORD + "@127.0.0.1:" + port + "/0");
  }

  private Object asAdministrator(Command command, String... arguments) {
    try (Connection connection = new Connection(new HostAndPort("127.0.0.1", port))) {
      connection.sendCommand(command, arguments);
      return connection.getOne();
    }
  }

  /** A scope with a typed limit of 300 a minute that is asked for twice as much. */
  private static final class Hungry implements SharedScope {
    private FleetShare share = FleetShare.NONE;
    private long sent;

    @Override
    public Scope scope() {
      return new Scope("openai", "key:1", "m");
    }

    @Override
    public String organisation() {
      return "";
    }

    @Override
    public long lastUse() {
      return Long.MAX_VALUE / 4;
    }

    @Override
    public FleetNeeds needs() {
      return new FleetNeeds(sent, 0, 100, 0, 0, 300, 0, 0, 0, 0, 0, Limit.UNKNOWN);
    }

    @Override
    public void agreed(FleetShare agreed) {
      share = agreed;
    }

    @Override
    public void closed(long nanos, Limit limit) {}
  }

  /** A process: its table, and time that passes as it says. */
  private final class Member {
    final Hungry scope = new Hungry();
    final RedisTable table = new RedisTable(address());
    final Fleet fleet;
    long now;

    Member(long id) {
      FleetKeys keys = new FleetKeys("test", String::hashCode);
      fleet = new Fleet(() -> List.of(scope), keys::table, () -> id, () -> 0.5);
    }

    boolean round() {
      now += 2_000_000_000L;
      scope.sent += 20;
      Fleet.Batch batch = fleet.next(now);
      if (batch == null) {
        return false;
      }
      try {
        if (table.connect()) {
          fleet.connected(now);
        }
        RedisTable.Result result = table.exchange(batch.requests());
        fleet.answered(now, batch, result.answers(), result.serverMillis());
        return true;
      } catch (RedisTable.Failed e) {
        assertThat(e.toString()).doesNotContain(PASSWORD);
        fleet.failed(now, batch);
        return false;
      }
    }

    double share() {
      return scope.share.typed(Limit.RPM, now);
    }
  }

  private static void rounds(int count, Member... all) {
    for (int i = 0; i < count; i++) {
      Arrays.stream(all).forEach(Member::round);
    }
  }

  @Test
  void threeProcessesAgreeOverARealServer() {
    Member[] all = {new Member(1), new Member(2), new Member(3)};
    rounds(8, all);
    FleetView view = all[0].fleet.view(all[0].now);
    assertThat(view.answers()).isTrue();
    assertThat(view.exchanges()).isEqualTo(8);
    FleetView.Split split = view.scopes().get(0).splits().get(0);
    assertThat(split.resource()).isEqualTo("requests");
    assertThat(split.units()).isEqualTo(300);
    assertThat(split.others()).hasSize(2).allMatch(part -> part > 0.33 && part < 0.34);
    for (Member one : all) {
      assertThat(one.share()).isBetween(0.333, 0.3334);
      assertThat(one.fleet.view(one.now).scopes().get(0).members()).isEqualTo(3);
    }
  }

  @Test
  void oneRoundTripIsOneExecAndNothingElse() {
    Member one = new Member(1);
    rounds(10, one);
    String stats = new String((byte[]) asAdministrator(Command.INFO, "commandstats"));
    assertThat(stats).contains("cmdstat_exec:calls=10,").contains("cmdstat_hscan:calls=10,");
    assertThat(stats).contains("cmdstat_hello:calls=1,").doesNotContain("cmdstat_eval");
  }

  @Test
  void aServerThatIsGoneAndComesBackIsAJoin() throws Exception {
    Member a = new Member(1);
    Member b = new Member(2);
    rounds(8, a, b);
    stop();
    rounds(3, a, b);
    assertThat(a.fleet.view(a.now).answers()).isFalse();
    assertThat(a.share()).as("as it was").isEqualTo(0.5);
    begin();
    rounds(40, a, b);
    assertThat(a.fleet.view(a.now).answers()).isTrue();
    assertThat(a.share()).isEqualTo(0.5);
    assertThat(b.share()).isEqualTo(0.5);
  }

  @Test
  void aFlushedServerRaisesNobody() {
    Member a = new Member(1);
    Member b = new Member(2);
    rounds(8, a, b);
    asAdministrator(Command.FLUSHALL);
    for (int i = 0; i < 10; i++) {
      rounds(1, a, b);
      assertThat(a.share() + b.share()).isLessThanOrEqualTo(1);
    }
    assertThat(a.share()).isEqualTo(0.5);
  }

  /** A bounded part of it is read, and nothing of it is believed. */
  @Test
  void aTableOfAHundredThousandIsOfNoUse() {
    Member one = new Member(1);
    rounds(2, one);
    String key = new String((byte[]) ((List<?>) asAdministrator(Command.KEYS, "*")).get(0));
    for (int i = 0; i < 100; i++) {
      List<String> fields = new ArrayList<>(List.of(key));
      for (int k = 0; k < 1_000; k++) {
        fields.add(String.format("%016x.1", 1_000 * i + k + 7));
        fields.add("1;0;16000;0;0;rpm;9,9,9;9,9,9;9,9,9");
      }
      asAdministrator(Command.HSET, fields.toArray(new String[0]));
    }
    rounds(2, one);
    assertThat(one.fleet.useless()).isTrue();
    assertThat(one.share()).as("as without others").isEqualTo(1);
    assertThat(one.scope.share.announced(Limit.RPM, one.now)).isNegative();
    assertThat(one.fleet.view(one.now).scopes().get(0).members()).isEqualTo(1);
  }

  @Test
  void aForbiddenCommandIsToldByItsCode() throws RedisTable.Failed {
    Member one = new Member(1);
    rounds(1, one);
    asAdministrator(Command.ACL, "SETUSER", "paceline", "-hscan");
    one.table.connect();
    assertThatThrownBy(
            () ->
                one.table.exchange(
                    List.of(new Fleet.Request("paceline:x", "", "f", "v", List.of(), true))))
        .isInstanceOf(RedisTable.Failed.class)
        .hasMessage("NOPERM");
  }

  @Test
  void aWrongPasswordIsToldWithoutIt() {
    RedisTable table =
        new RedisTable(URI.create("redis://paceline:no-" + PASSWORD + "@127.0.0.1:" + port));
    assertThatThrownBy(table::connect)
        .isInstanceOf(RedisTable.Failed.class)
        .satisfies(e -> assertThat(e.toString()).doesNotContain(PASSWORD));
  }

  @Test
  void keysTellNothing() {
    Member one = new Member(1);
    rounds(1, one);
    List<?> keys = (List<?>) asAdministrator(Command.KEYS, "*");
    assertThat(keys).hasSize(1);
    assertThat(new String((byte[]) keys.get(0))).matches("paceline:1:\\{test}:[0-9a-f]{32}");
  }
}
