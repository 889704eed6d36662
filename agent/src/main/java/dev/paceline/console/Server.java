package dev.paceline.console;

import com.sun.net.httpserver.HttpServer;
import dev.paceline.metrics.Exposition;
import dev.paceline.metrics.MeterView;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/**
 * The running server. The only class besides {@link Pages} that names the JDK's server, whose
 * module a runtime image may lack.
 */
final class Server implements AutoCloseable {
  private static final int BACKLOG = 50;

  private final HttpServer http;
  private final Workers workers;
  private final URI address;

  Server(
      ConsoleSettings settings,
      Exposition exposition,
      Supplier<List<MeterView>> meters,
      Facts facts,
      BiConsumer<String, Throwable> faults,
      long limitMillis)
      throws IOException {
    InetAddress host = InetAddress.getByName(settings.host());
    // Bound by the constructor: when that fails there is nothing to clean up.
    http = HttpServer.create(new InetSocketAddress(host, settings.port()), BACKLOG);
    workers = new Workers(limitMillis);
    http.setExecutor(workers);
    http.createContext(
        "/", new Pages(exposition, meters, facts, faults, access(settings, host), workers));
    http.start();
    String shown = settings.host().contains(":") ? "[" + settings.host() + "]" : settings.host();
    address = URI.create("http://" + shown + ":" + http.getAddress().getPort() + "/");
  }

  private static Pages.Access access(ConsoleSettings settings, InetAddress host) {
    if (settings.publicPage()) {
      return Pages.Access.PUBLIC;
    }
    return host.isLoopbackAddress() ? Pages.Access.LOCAL : Pages.Access.METRICS_ONLY;
  }

  URI address() {
    return address;
  }

  @Override
  public void close() {
    http.stop(0);
    workers.stop();
  }
}
