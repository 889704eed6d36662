package dev.paceline.console;

import dev.paceline.threads.AgentThreads;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The running server: one request a connection, and no more than {@link #PLACES} connections at a
 * time, so that nobody who can connect uses up the application's file descriptors, which the JDK's
 * server lets happen: it accepts without a bound, and its limits are settings of the whole JVM.
 *
 * <p>When all places are taken, the connection that has kept us waiting longest is closed for the
 * next one. Without one that is late, the next one waits in the system's queue.
 */
final class Server implements AutoCloseable {
  /** A browser opens six, each scraper one. */
  static final int PLACES = 64;

  private static final int BACKLOG = 128;
  private static final long IDLE_SECONDS = 30;

  /** How often it is looked whether a place has become free or somebody is late. */
  private static final long LOOK_NANOS = 20_000_000L;

  /**
   * Who means well sends a request in one piece; on a busy machine a hundred scrapes at once take
   * some tenths of a second until they are read.
   */
  private static final long LATE_READING_NANOS = 500_000_000L;

  /** An answer may be long and the way far. */
  private static final long LATE_WRITING_NANOS = 1_000_000_000L;

  /** After a failure of accept, as when the application has no descriptor left. */
  private static final long PAUSE_NANOS = 200_000_000L;

  private final List<ServerSocket> listeners = new ArrayList<>(2);
  private final Function<Connection.Request, Connection.Reply> pages;
  private final BiConsumer<String, Throwable> faults;
  private final long limitMillis;
  private final Set<Connection> open = ConcurrentHashMap.newKeySet();
  private final ThreadPoolExecutor workers;
  private final ScheduledThreadPoolExecutor watch;
  private final URI address;
  private volatile boolean closed;

  /**
   * Bound, and its thread started, when this returns; nothing stays when it throws.
   *
   * @param second a further address to listen on, at the same port; null for none
   * @param pages answers a request; may be asked by several threads at once
   * @param limitMillis longest time for a request and its answer
   */
  Server(
      ConsoleSettings settings,
      InetAddress host,
      @Nullable InetAddress second,
      Function<Connection.Request, Connection.Reply> pages,
      BiConsumer<String, Throwable> faults,
      long limitMillis)
      throws IOException {
    this.pages = pages;
    this.faults = faults;
    this.limitMillis = limitMillis;
    this.workers =
        new ThreadPoolExecutor(
            0,
            Integer.MAX_VALUE, // places bound it; a thread is still ending when its place is free
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            task -> AgentThreads.daemon("console", task));
    this.watch =
        new ScheduledThreadPoolExecutor(1, task -> AgentThreads.daemon("console-watch", task));
    watch.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
    watch.allowCoreThreadTimeOut(true);
    watch.setRemoveOnCancelPolicy(true);
    try {
      int port = listen(host, settings.port());
      if (second != null) {
        listen(second, port);
      }
      this.address = URI.create("http://" + shown(settings.host()) + ":" + port + "/");
      for (ServerSocket listener : listeners) {
        AgentThreads.daemon("console-accept", () -> accept(listener)).start();
      }
    } catch (Throwable e) {
      close();
      throw e;
    }
  }

  /** Binds, and returns the port. */
  private int listen(InetAddress host, int port) throws IOException {
    ServerSocket listener = new ServerSocket();
    listeners.add(listener);
    listener.setReuseAddress(true); // as the JDK's server: a restart must not wait for old ends
    listener.bind(new InetSocketAddress(host, port), BACKLOG);
    return listener.getLocalPort();
  }

  private static String shown(String host) {
    return host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host;
  }

  URI address() {
    return address;
  }

  private void accept(ServerSocket listener) {
    while (!closed) {
      try {
        awaitPlace();
        serve(listener.accept());
      } catch (Throwable t) {
        // No descriptor left, or no memory: neither ends the console for good.
        pause(t);
      }
    }
  }

  private void pause(Throwable t) {
    if (closed) {
      return;
    }
    try {
      if (!(t instanceof IOException)) {
        faults.accept("console", t);
      }
    } catch (Throwable untold) {
      // The next round may tell.
    }
    LockSupport.parkNanos(PAUSE_NANOS);
    Thread.interrupted();
  }

  private void awaitPlace() {
    while (open.size() >= PLACES && !closed) {
      long now = System.nanoTime();
      Connection latest = null;
      for (Connection connection : open) {
        long since = connection.waitsForClientSince();
        long late = now - since - (connection.writes() ? LATE_WRITING_NANOS : LATE_READING_NANOS);
        if (since != Connection.NOT_WAITING
            && late > 0
            && (latest == null || since < latest.waitsForClientSince())) {
          latest = connection;
        }
      }
      if (latest == null) {
        LockSupport.parkNanos(LOOK_NANOS);
      } else {
        open.remove(latest);
        latest.close();
      }
    }
  }

  private void serve(Socket socket) {
    Connection connection = new Connection(socket, pages);
    open.add(connection);
    try {
      // Shorter than any the operating system has: a client that sends byte by byte, or never
      // reads, holds a thread for a limited time.
      ScheduledFuture<?> alarm =
          watch.schedule(connection::close, limitMillis, TimeUnit.MILLISECONDS);
      workers.execute(
          () -> {
            try {
              connection.run();
            } catch (IOException gone) {
              // The client's affair, or cut off.
            } catch (Throwable t) {
              faults.accept("console", t);
            } finally {
              alarm.cancel(false);
              end(connection);
            }
          });
    } catch (Throwable t) {
      end(connection);
      if (!(t instanceof RejectedExecutionException)) {
        throw t;
      }
    }
  }

  private void end(Connection connection) {
    connection.close();
    open.remove(connection);
  }

  @Override
  public void close() {
    closed = true;
    for (ServerSocket listener : listeners) {
      try {
        listener.close();
      } catch (IOException e) {
        // It is closed for whoever asks.
      }
    }
    workers.shutdownNow();
    watch.shutdownNow();
    open.forEach(Connection::close);
  }
}
