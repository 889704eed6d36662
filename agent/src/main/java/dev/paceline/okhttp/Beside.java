package dev.paceline.okhttp;

import dev.paceline.beside.BesideLoader;
import dev.paceline.bootstrap.OkHttpHook;
import java.lang.instrument.Instrumentation;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes the part of the adapter that lives beside the OkHttp of one application loader. */
final class Beside {
  private static final String PREFIX = "dev.paceline.okhttp.beside.";
  private static final String ENTRANCE = PREFIX + "Entrance";

  private Beside() {}

  /** The hook for the OkHttp that {@code client}, its {@code OkHttpClient} class, belongs to. */
  static OkHttpHook hook(
      Class<?> client, Services services, @Nullable Instrumentation instrumentation)
      throws ReflectiveOperationException {
    BesideLoader loader = new BesideLoader(client.getClassLoader(), PREFIX);
    open(client.getModule(), loader, instrumentation);
    return (OkHttpHook)
        loader.loadClass(ENTRANCE).getConstructor(Services.class).newInstance(services);
  }

  /** OkHttp 5.2 and newer can be a named module; the dispatcher's places are private fields. */
  private static void open(
      Module okhttp, BesideLoader loader, @Nullable Instrumentation instrumentation) {
    if (!okhttp.isNamed() || instrumentation == null) {
      return;
    }
    Set<Module> us = Set.of(loader.getUnnamedModule());
    instrumentation.redefineModule(
        okhttp,
        Set.of(),
        Map.of(),
        Map.of("okhttp3", us, "okhttp3.internal.connection", us, "okhttp3.internal.http", us),
        Set.of(),
        Map.of());
  }
}
