package dev.paceline.fleet.redis;

import dev.paceline.fleet.Fleet;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.ClientSetInfoConfig;
import redis.clients.jedis.Connection;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.util.JedisURIHelper;

/**
 * Carries batches to Redis over one blocking connection, each in one round trip: {@code MULTI}, for
 * each scope {@code HDEL HSET HSCAN PEXPIRE}, then {@code TIME} and {@code EXEC}. Commands of RESP2
 * only, and none that asks for more than the keys {@code paceline:*}. {@code HSCAN} reads a table
 * as {@code HGETALL} does, but no more of one that somebody has filled.
 *
 * <p>For one thread. What it throws never says what the address holds.
 */
public final class RedisTable {
  /** Nobody waits longer for Redis: not even the thread that has nothing else to do. */
  private static final int TIMEOUT_MILLIS = 250;

  /** A table that nobody writes goes. */
  private static final String EXPIRE_MILLIS = "3600000";

  /** Fields after which the server stops: a table has 600 at most, and is read in one go. */
  private static final String MOST_READ = "2000";

  private static final byte[] END = {'0'};
  private static final Pattern CODE = Pattern.compile("[A-Z]{3,20}");

  /** The exchange failed: the connection is closed, and the next one begins anew. */
  public static final class Failed extends Exception {
    private static final long serialVersionUID = 1;

    Failed(String why) {
      super(why, null, false, false);
    }
  }

  /** What came back. */
  public record Result(List<Fleet.Answer> answers, long serverMillis) {}

  private final HostAndPort address;
  private final JedisClientConfig config;
  private @Nullable Connection connection;

  /**
   * @param uri {@code redis[s]://[user:password@]host[:port][/db]}
   */
  public RedisTable(URI uri) {
    int port = uri.getPort() < 0 ? 6379 : uri.getPort();
    address = new HostAndPort(uri.getHost(), port);
    config =
        DefaultJedisClientConfig.builder()
            .resp2()
            .connectionTimeoutMillis(TIMEOUT_MILLIS)
            .socketTimeoutMillis(TIMEOUT_MILLIS)
            .user(JedisURIHelper.getUser(uri))
            .password(JedisURIHelper.getPassword(uri))
            .database(JedisURIHelper.getDBIndex(uri))
            .clientSetInfoConfig(ClientSetInfoConfig.DISABLED)
            .ssl("rediss".equalsIgnoreCase(uri.getScheme()))
            .build();
  }

  /** Connects where there is no connection; whether this is a new one. */
  public boolean connect() throws Failed {
    if (connection != null) {
      return false;
    }
    try {
      connection = new Connection(address, config);
      return true;
    } catch (RuntimeException | LinkageError e) {
      throw failed(e);
    }
  }

  /**
   * Only the code of an error is told, such as {@code NOPERM}: its text may quote what was sent.
   */
  private static Failed failed(Throwable e) {
    String said = e.getMessage() == null ? "" : e.getMessage().split(" ", 2)[0];
    return new Failed(CODE.matcher(said).matches() ? said : e.getClass().getSimpleName());
  }

  /** One round trip. */
  public Result exchange(List<Fleet.Request> requests) throws Failed {
    Connection open = connection;
    if (open == null) {
      throw new Failed("not connected");
    }
    try {
      return exchange(open, requests);
    } catch (RuntimeException | Error e) { // of an answer that is half read nothing can be used
      close();
      throw failed(e);
    }
  }

  private static Result exchange(Connection open, List<Fleet.Request> requests) {
    open.sendCommand(Command.MULTI);
    int sent = 1;
    for (Fleet.Request request : requests) {
      sent += send(open, request);
    }
    open.sendCommand(Command.TIME);
    open.sendCommand(Command.EXEC);
    List<Object> replies = open.getMany(sent + 2);
    Object executed = replies.get(sent + 1);
    if (!(executed instanceof List<?> results) || results.size() != sent) {
      throw refusal(replies);
    }
    List<Fleet.Answer> answers = new ArrayList<>();
    int at = 0;
    for (Fleet.Request request : requests) {
      boolean found = Long.valueOf(1).equals(results.get(at));
      answers.add(new Fleet.Answer(fields((List<?>) results.get(at + 2)), found));
      at += commands(request);
    }
    List<?> time = (List<?>) results.get(at);
    long millis =
        Long.parseLong(text(time.get(0))) * 1_000 + Long.parseLong(text(time.get(1))) / 1_000;
    return new Result(answers, millis);
  }

  private static int commands(Fleet.Request request) {
    return 3 + (request.kept() ? 1 : 0) + (request.stale().isEmpty() ? 0 : 1);
  }

  private static int send(Connection open, Fleet.Request request) {
    String key = request.key();
    // Two removals are told apart by where they stand: only the first is of our own field.
    String previous = request.previous().isEmpty() ? "-" : request.previous();
    open.sendCommand(Command.HDEL, key, previous);
    open.sendCommand(Command.HSET, new String[] {key, request.field(), request.value()});
    open.sendCommand(Command.HSCAN, new String[] {key, "0", "COUNT", MOST_READ});
    if (request.kept()) {
      open.sendCommand(Command.PEXPIRE, key, EXPIRE_MILLIS);
    }
    if (!request.stale().isEmpty()) {
      String[] stale = new String[request.stale().size() + 1];
      stale[0] = key;
      for (int i = 1; i < stale.length; i++) {
        stale[i] = request.stale().get(i - 1);
      }
      open.sendCommand(Command.HDEL, stale);
    }
    return commands(request);
  }

  /** The first error of a transaction that was not carried out, such as a forbidden command. */
  private static RuntimeException refusal(List<Object> replies) {
    for (Object reply : replies) {
      if (reply instanceof RuntimeException error) {
        return error;
      }
    }
    return new IllegalStateException();
  }

  private static Map<String, String> fields(List<?> scanned) {
    Map<String, String> fields = fieldsOf((List<?>) scanned.get(1));
    if (!Arrays.equals(END, (byte[]) scanned.get(0)) && fields.size() < Fleet.MOST_FIELDS) {
      throw new IllegalStateException(); // it has more, and nobody knows which
    }
    return fields;
  }

  private static Map<String, String> fieldsOf(List<?> flat) {
    Map<String, String> fields = new HashMap<>();
    for (int i = 0; i + 1 < flat.size(); i += 2) {
      fields.put(text(flat.get(i)), text(flat.get(i + 1)));
    }
    return fields;
  }

  private static String text(Object bytes) {
    return new String((byte[]) bytes, StandardCharsets.UTF_8);
  }

  /** Closes the connection; what is on its way may still arrive. */
  public void close() {
    Connection open = connection;
    connection = null;
    if (open != null) {
      try {
        open.forceDisconnect();
      } catch (Exception ignored) {
        // It is gone either way.
      }
    }
  }
}
