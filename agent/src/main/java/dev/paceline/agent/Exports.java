package dev.paceline.agent;

import dev.paceline.bootstrap.Bridge;
import dev.paceline.call.Calls;
import dev.paceline.config.ConfigWatcher;
import dev.paceline.config.Keys;
import dev.paceline.config.Settings;
import dev.paceline.export.AlertLog;
import dev.paceline.export.Alerts;
import dev.paceline.export.ApplicationExport;
import dev.paceline.export.Conditions;
import dev.paceline.export.JmxExport;
import dev.paceline.export.Notice;
import dev.paceline.export.Webhook;
import dev.paceline.metrics.CallMetrics;
import dev.paceline.metrics.History;
import dev.paceline.words.ScopeView;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Where the numbers go, besides the console: into the application's own libraries, JMX, the log and
 * a webhook.
 */
final class Exports {
  private static final long LOOK_MILLIS = 5_000;

  private final ConfigWatcher config;
  private final Switch operator;
  private final CallMetrics metrics;
  private final History history;
  private final @Nullable Calls calls;
  private final Log log;
  private final Exporter exporter;
  private final Optional<Exporter> webhook;
  private final Alerts alerts = new Alerts();
  private final AlertLog alertLog;
  private final Queue<Notice> forWebhook = new ConcurrentLinkedQueue<>();
  private long nextLook;

  Exports(
      ConfigWatcher config,
      Switch operator,
      CallMetrics metrics,
      History history,
      Supplier<List<ScopeView>> scopes,
      @Nullable Calls calls,
      Log log) {
    this.config = config;
    this.operator = operator;
    this.metrics = metrics;
    this.history = history;
    this.calls = calls;
    this.log = log;
    this.alertLog = new AlertLog(log::warn);
    Settings settings = config.current();
    ApplicationExport application =
        new ApplicationExport(
            metrics,
            settings.get(Keys.METRICS_EXPORT),
            settings.get(Keys.METRICS_TAGS),
            Version.TEXT,
            Bridge::loadersOf,
            metrics::fault);
    if (calls != null) {
      calls.tracer(application);
    }
    List<Rounds.Job> jobs = new ArrayList<>(List.of(application::tick, this::look));
    // Not asked of JmxExport: without the module its class does not even load.
    if (ModuleLayer.boot().findModule("java.management").isPresent()) {
      jobs.add(new JmxExport(metrics, scopes, new OperatorControl(), Version.TEXT)::tick);
    }
    this.exporter = new Exporter("export", jobs, metrics);
    this.webhook = settings.get(Keys.ALERT_WEBHOOK).map(address -> webhook(address, settings));
  }

  void start() {
    exporter.start();
    webhook.ifPresent(Exporter::start);
  }

  /** The JVM shuts down: the last second is not to be lost. */
  void finish() {
    exporter.finish();
  }

  /** Also what the console's history is fed by. */
  private void look() {
    long now = millis();
    if (now < nextLook) {
      return;
    }
    nextLook = now + LOOK_MILLIS;
    List<Notice> notices = alerts.look(now, Conditions.of(history.quarter().situations()));
    alertLog.tell(now, notices);
    if (webhook.isPresent()) {
      forWebhook.addAll(notices);
    }
  }

  /** On a thread of its own: the other side may take its time. */
  private Exporter webhook(URI address, Settings settings) {
    Webhook poster = new Webhook(address, sender(settings), log::warn, metrics::fault);
    return new Exporter(
        "webhook",
        List.of(
            () -> {
              List<Notice> notices = new ArrayList<>();
              for (Notice notice = forWebhook.poll(); notice != null; notice = forWebhook.poll()) {
                notices.add(notice);
              }
              poster.tell(millis(), notices);
            }),
        metrics);
  }

  private static Webhook.Sender sender(Settings settings) {
    Map<String, String> tags = settings.get(Keys.METRICS_TAGS);
    String service = tags.getOrDefault("service", HostName.given("OTEL_SERVICE_NAME"));
    return new Webhook.Sender(service, HostName.get(), ProcessHandle.current().pid());
  }

  private static long millis() {
    return System.nanoTime() / 1_000_000;
  }

  private final class OperatorControl implements JmxExport.Control {
    @Override
    public String mode() {
      return config.current().mode().name().toLowerCase(Locale.ROOT);
    }

    @Override
    public boolean enabled() {
      return operator.on() && config.current().enabled();
    }

    @Override
    public long permitsOutstanding() {
      return calls == null ? 0 : calls.snapshot().permitsOutstanding();
    }

    @Override
    public long attemptsOpen() {
      return calls == null ? 0 : calls.snapshot().attemptsOpen();
    }

    @Override
    public long callsOpen() {
      return calls == null ? 0 : calls.snapshot().callsOpen();
    }

    @Override
    public void enable() {
      operator.turn(true);
      log.info("paceline: switched on through JMX");
    }

    @Override
    public void disable() {
      operator.turn(false);
      if (calls != null) {
        calls.releaseWaits();
      }
      log.info("paceline: switched off through JMX");
    }
  }
}
