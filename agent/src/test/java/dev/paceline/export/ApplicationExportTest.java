package dev.paceline.export;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.call.CallInfo;
import dev.paceline.call.CallListener.Outcome;
import dev.paceline.config.MetricsExport;
import dev.paceline.metrics.CallMetrics;
import dev.paceline.words.Client;
import java.io.File;
import java.lang.ref.WeakReference;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Against libraries in loaders of their own, as applications have them. */
class ApplicationExportTest {
  private static final CallInfo CALL = new CallInfo(Client.JDK, "openai", "gpt-4o");

  private final CallMetrics metrics = new CallMetrics();
  private final List<ClassLoader> micrometers = new ArrayList<>();
  private final List<ClassLoader> openTelemetries = new ArrayList<>();
  private final List<Throwable> faults = new ArrayList<>();
  private final ApplicationExport export = export(MetricsExport.AUTO);

  @Test
  void eachApplicationsMicrometerGetsTheFullCount() throws Exception {
    ClassLoader first = application();
    ClassLoader second = application();
    Object registry = attach(first);
    call();
    micrometers.add(first);
    export.tick();
    Object late = attach(second);
    micrometers.add(second);
    call();
    export.tick();

    assertThat(counted(registry)).isEqualTo(2);
    assertThat(counted(late)).isEqualTo(2);
    assertThat(faults).isEmpty();
  }

  @Test
  void noneLeavesALibraryAlone() throws Exception {
    ClassLoader application = application();
    Object registry = attach(application);
    micrometers.add(application);
    call();
    export(MetricsExport.NONE).tick();
    export(MetricsExport.OTEL).tick();

    assertThat((List<?>) registry.getClass().getMethod("getMeters").invoke(registry)).isEmpty();
  }

  @Test
  void anOpenTelemetryThatNobodyHasSetStaysUnset() throws Exception {
    ClassLoader application = application();
    Class<?> global = application.loadClass("io.opentelemetry.api.GlobalOpenTelemetry");
    openTelemetries.add(application);
    call();
    export.tick();
    export.begin(CALL).ended(Outcome.SUCCESS, 1);
    export.tick();

    assertThat(global.getMethod("isSet").invoke(null)).isEqualTo(false);
    assertThat(faults).isEmpty();
  }

  @Test
  void aLibraryThatCannotBeLinkedIsCountedOnceAndLeftAlone() throws Exception {
    // A Metrics class without the rest: as from a version that nobody has thought of.
    ClassLoader broken =
        new URLClassLoader(jars("micrometer-core"), ClassLoader.getPlatformClassLoader());
    micrometers.add(broken);
    call();
    export.tick();
    export.tick();

    assertThat(faults).hasSize(1);
  }

  @Test
  void anApplicationThatIsUndeployedGoes() throws Exception {
    List<WeakReference<ClassLoader>> gone = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      ClassLoader application = application();
      attach(application);
      application.loadClass("io.opentelemetry.api.GlobalOpenTelemetry");
      micrometers.add(application);
      openTelemetries.add(application);
      gone.add(new WeakReference<>(application));
    }
    call();
    export.tick();
    export.begin(CALL).ended(Outcome.SUCCESS, 1);
    assertThat(faults).isEmpty();
    micrometers.clear();
    openTelemetries.clear();

    export.tick();

    for (int i = 0; i < 50 && gone.stream().anyMatch(ref -> ref.get() != null); i++) {
      System.gc();
    }
    assertThat(gone).allMatch(ref -> ref.get() == null);
  }

  private ApplicationExport export(MetricsExport what) {
    return new ApplicationExport(
        metrics,
        what,
        Map.of(),
        "1",
        name -> List.copyOf(name.contains("micrometer") ? micrometers : openTelemetries),
        (component, fault) -> faults.add(fault));
  }

  private void call() {
    metrics.callStarted(CALL);
    metrics.callEnded(CALL, Outcome.SUCCESS, 1_000);
  }

  private static ClassLoader application() throws MalformedURLException {
    return new URLClassLoader(
        jars("micrometer-", "HdrHistogram", "LatencyUtils", "opentelemetry-"),
        ClassLoader.getPlatformClassLoader());
  }

  private static URL[] jars(String... names) throws MalformedURLException {
    List<URL> urls = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      File file = new File(entry);
      if (Arrays.stream(names).anyMatch(file.getName()::startsWith)) {
        urls.add(file.toURI().toURL());
      }
    }
    assertThat(urls).isNotEmpty();
    return urls.toArray(new URL[0]);
  }

  /** Adds a registry to the application's global one. */
  private static Object attach(ClassLoader application) throws ReflectiveOperationException {
    Object registry =
        application
            .loadClass("io.micrometer.core.instrument.simple.SimpleMeterRegistry")
            .getConstructor()
            .newInstance();
    application
        .loadClass("io.micrometer.core.instrument.Metrics")
        .getMethod(
            "addRegistry", application.loadClass("io.micrometer.core.instrument.MeterRegistry"))
        .invoke(null, registry);
    return registry;
  }

  private static double counted(Object registry) throws ReflectiveOperationException {
    Object search =
        registry.getClass().getMethod("get", String.class).invoke(registry, "paceline.calls");
    search =
        search
            .getClass()
            .getMethod("tag", String.class, String.class)
            .invoke(search, "outcome", "success");
    Object counter = search.getClass().getMethod("functionCounter").invoke(search);
    var count =
        counter
            .getClass()
            .getClassLoader()
            .loadClass("io.micrometer.core.instrument.FunctionCounter")
            .getMethod("count");
    return (double) count.invoke(counter);
  }
}
