package dev.paceline.it.program;

import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.net.http.HttpClient;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import okhttp3.ConnectionPool;
import okhttp3.Dispatcher;
import okhttp3.OkHttpClient;

/**
 * An application with a class loader of its own is undeployed: nothing of the JVM holds it (issue
 * A4). OkHttp is the container's, so that its own threads do not count.
 */
public final class Undeploys {
  private final Provider provider =
      new Provider(
          (got, reply) -> {
            int turn = provider().turn(got);
            String key = got.key();
            if (key.startsWith("quota")) {
              reply.json(429, Provider.QUOTA);
            } else if (key.startsWith("limited") && turn == 1) {
              reply.json(429, Provider.LIMITED, "retry-after-ms", "200");
            } else if (key.startsWith("held") && turn == 1) {
              reply.json(200, Provider.OK, Provider.nothingLeftFor("1s"));
            } else {
              reply.json(200, Provider.OK, Provider.plenty());
            }
          });

  private final OkHttpClient container = new OkHttpClient();

  private Undeploys() throws IOException {}

  private Provider provider() {
    return provider;
  }

  public static void main(String[] names) throws IOException {
    Undeploys all = new Undeploys();
    all.ofTheContainer(); // so that no thread of OkHttp's own is the application's child
    Cases cases = new Cases(names);
    // The first call of all makes what the agent keeps.
    for (String client : new String[] {"jdk", "jdk-async", "okhttp", "okhttp-async"}) {
      for (String kind : new String[] {"fine", "limited", "held", "quota"}) {
        cases.add(client + " " + kind, () -> all.undeploy(client, kind));
      }
    }
    cases.end();
  }

  private String undeploy(String client, String kind) throws Exception {
    List<WeakReference<ClassLoader>> loaders = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      loaders.add(deployed(client, kind + " " + client + i));
    }
    boolean gone =
        Cases.reached(
            8_000,
            () -> {
              // OkHttp's own watchdog remembers the last call of all: let it be another one.
              ofTheContainer();
              System.gc();
              return loaders.stream().allMatch(loader -> loader.get() == null);
            });
    return "gone " + gone;
  }

  private void ofTheContainer() {
    try {
      Ok.sync(container, Ok.chat(provider, "sk-container", "q"));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Deploys, runs and undeploys. */
  @SuppressWarnings("unchecked")
  private WeakReference<ClassLoader> deployed(String client, String key) throws Exception {
    URLClassLoader loader = new Application(Undeploys.class.getClassLoader());
    Consumer<Object[]> application =
        (Consumer<Object[]>)
            loader
                .loadClass("dev.paceline.it.program.Undeploys$App")
                .getDeclaredConstructor()
                .newInstance();
    boolean[] ran = new boolean[1];
    Thread thread =
        new Thread(
            () -> {
              application.accept(
                  new Object[] {client, provider.chatUrl(), key, container.connectionPool()});
              ran[0] = true;
            },
            "app");
    thread.setContextClassLoader(loader);
    thread.start();
    thread.join(25_000);
    loader.close();
    if (!ran[0]) {
      throw new IllegalStateException("the application failed");
    }
    return new WeakReference<>(loader);
  }

  /** Has this program's classes anew, all else from the container. */
  private static final class Application extends URLClassLoader {
    Application(ClassLoader container) throws MalformedURLException {
      super(urls(), container);
    }

    private static URL[] urls() throws MalformedURLException {
      List<URL> urls = new ArrayList<>();
      for (String path : System.getProperty("java.class.path").split(java.io.File.pathSeparator)) {
        urls.add(Path.of(path).toUri().toURL());
      }
      return urls.toArray(URL[]::new);
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (name.startsWith("dev.paceline.it.program.")) {
        Class<?> loaded = findLoadedClass(name);
        return loaded == null ? findClass(name) : loaded;
      }
      return super.loadClass(name, resolve);
    }
  }

  /** The application. What it sends and how it reads are classes of its own. */
  public static final class App implements Consumer<Object[]> {
    private static final ThreadLocal<Object> OF_THREAD = new InheritableThreadLocal<>();

    @Override
    public void accept(Object[] words) {
      String client = (String) words[0];
      String url = (String) words[1];
      String key = (String) words[2];
      OF_THREAD.set(this);
      try {
        for (int i = 0; i < 2; i++) {
          if (client.startsWith("jdk")) {
            jdk(client.endsWith("async"), url, key, i);
          } else {
            okHttp(client.endsWith("async"), url, key, i, (ConnectionPool) words[3]);
          }
        }
      } catch (Exception e) {
        throw new IllegalStateException(e);
      } finally {
        OF_THREAD.remove();
      }
    }

    private void jdk(boolean async, String url, String key, int number) throws Exception {
      HttpClient client = Jdk.client();
      java.net.http.HttpRequest request =
          Jdk.request(
                  url,
                  key,
                  java.net.http.HttpRequest.BodyPublishers.ofString(Provider.chat("q" + number)))
              .build();
      if (async) {
        client
            .sendAsync(request, info -> BodyHandlers.ofString().apply(info))
            .thenApply(response -> "" + response.statusCode() + this)
            .get(10, TimeUnit.SECONDS);
      } else {
        client.send(request, info -> BodyHandlers.ofString().apply(info));
      }
    }

    /** In the container's pool: OkHttp 3 begins a thread for each, which lives for a minute. */
    private void okHttp(boolean async, String url, String key, int number, ConnectionPool pool)
        throws Exception {
      java.util.concurrent.ExecutorService executor = Executors.newCachedThreadPool();
      OkHttpClient client =
          new OkHttpClient.Builder()
              .dispatcher(new Dispatcher(executor))
              .connectionPool(pool)
              .addInterceptor(chain -> chain.proceed(chain.request()))
              .build();
      okhttp3.Request request =
          Ok.request(url, key, okhttp3.RequestBody.create(Ok.JSON, Provider.chat("q" + number)))
              .tag(this)
              .build();
      if (async) {
        Ok.got(Ok.async(client, request));
      } else {
        Ok.sync(client, request);
      }
      executor.shutdown();
    }
  }
}
