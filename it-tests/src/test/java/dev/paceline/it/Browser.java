package dev.paceline.it;

import static org.assertj.core.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.opentest4j.TestAbortedException;

/**
 * One page in a headless Chromium of this machine, driven over its DevTools protocol. Downloads
 * nothing; where there is no Chromium the test is skipped with a visible line.
 */
final class Browser implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final List<String> NAMES =
      List.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable");
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Forked process;
  private final Path profile;
  private final WebSocket socket;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition news = lock.newCondition();
  private final List<JsonNode> messages = new ArrayList<>();
  private String session = "";
  private int lastId;

  private Browser(Path chromium) throws IOException {
    profile = Files.createTempDirectory("paceline-browser");
    process =
        Forked.start(
            List.of(
                chromium.toString(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--hide-scrollbars",
                "--user-data-dir=" + profile,
                "--remote-debugging-port=0",
                "about:blank"),
            Map.of(),
            AgentJvm.TARGET,
            Duration.ofMinutes(5));
    String line = process.awaitError(text -> text.startsWith("DevTools listening on "));
    socket =
        HttpClient.newHttpClient()
            .newWebSocketBuilder()
            .buildAsync(URI.create(line.substring(line.indexOf("ws://"))), new Listener())
            .join();
  }

  /** Opens an empty page; skips the test, visibly, when there is no Chromium. */
  static Browser start() {
    Path chromium =
        Stream.of(System.getenv("PATH").split(File.pathSeparator))
            .flatMap(folder -> NAMES.stream().map(name -> Path.of(folder, name)))
            .filter(Files::isExecutable)
            .findFirst()
            .orElse(null);
    if (chromium == null) {
      String line = "SKIPPED: no Chromium here; apt-get install chromium";
      System.out.println(line);
      throw new TestAbortedException(line);
    }
    try {
      Browser browser = new Browser(chromium);
      String target =
          browser.send("Target.createTarget", "url", "about:blank").path("targetId").asText();
      browser.session =
          browser
              .send("Target.attachToTarget", "targetId", target, "flatten", true)
              .path("sessionId")
              .asText();
      for (String domain : List.of("Page", "Network", "Runtime", "Log")) {
        browser.send(domain + ".enable");
      }
      return browser;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Browser open(String url) {
    send("Page.navigate", "url", url);
    await(message -> message.path("method").asText().equals("Page.loadEventFired"));
    return this;
  }

  /** A window of so many CSS pixels. */
  Browser size(int width, int height, boolean phone) {
    send(
        "Emulation.setDeviceMetricsOverride",
        "width",
        width,
        "height",
        height,
        "deviceScaleFactor",
        phone ? 2 : 1,
        "mobile",
        phone);
    return this;
  }

  Browser dark(boolean on) {
    ObjectNode params = JSON.createObjectNode();
    params
        .putArray("features")
        .addObject()
        .put("name", "prefers-color-scheme")
        .put("value", on ? "dark" : "light");
    send("Emulation.setEmulatedMedia", params);
    return this;
  }

  Browser press(String key, int code) {
    for (String type : List.of("keyDown", "keyUp")) {
      send("Input.dispatchKeyEvent", "type", type, "key", key, "windowsVirtualKeyCode", code);
    }
    return this;
  }

  /** The value of an expression in the page. */
  JsonNode eval(String expression) {
    JsonNode answer =
        send(
            "Runtime.evaluate",
            "expression",
            expression,
            "awaitPromise",
            true,
            "returnByValue",
            true);
    if (answer.has("exceptionDetails")) {
      fail(expression + "\n" + answer.path("exceptionDetails"));
    }
    return answer.path("result").path("value");
  }

  /** Waits, in the page, until an expression is true. */
  void until(String expression) {
    until(expression, PATIENCE.minusSeconds(5));
  }

  /** Waits for at most so long: each question to the page is answered within its own patience. */
  void until(String expression, Duration most) {
    long end = System.nanoTime() + most.toNanos();
    while (!came(expression)) {
      if (System.nanoTime() - end > 0) {
        fail("never true: " + expression + "\n" + eval("document.body.innerText").asText());
      }
    }
  }

  /** Whether it becomes true within some ten seconds. */
  private boolean came(String expression) {
    JsonNode came =
        eval(
            """
            new Promise(done => {
              const end = Date.now() + %d;
              const look = () => {
                let is = false;
                try { is = %s; } catch (e) { is = false; }
                if (is || Date.now() > end) { done(is); } else { setTimeout(look, 100); }
              };
              look();
            })
            """
                .formatted(10_000, expression));
    return came.asBoolean();
  }

  /** Writes the whole page, or its upper part, as a picture below {@code target/screenshots}. */
  Path screenshot(String name) {
    try {
      byte[] png =
          Base64.getDecoder()
              .decode(
                  send("Page.captureScreenshot", "format", "png", "captureBeyondViewport", true)
                      .path("data")
                      .asText());
      Path file = AgentJvm.TARGET.resolve("screenshots").resolve(name + ".png");
      Files.createDirectories(file.getParent());
      return Files.write(file, png);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What the page asked for, in order. */
  List<String> requests() {
    return events("Network.requestWillBeSent").stream()
        .map(event -> event.path("params").path("request").path("url").asText())
        .toList();
  }

  /** Answers that were no success, errors on the console, exceptions that nobody caught. */
  List<String> complaints() {
    List<String> complaints = new ArrayList<>();
    for (JsonNode event : events("Network.responseReceived")) {
      JsonNode response = event.path("params").path("response");
      if (response.path("status").asInt() >= 400) {
        complaints.add(response.path("status") + " " + response.path("url").asText());
      }
    }
    events("Network.loadingFailed").forEach(event -> complaints.add(event.toString()));
    events("Runtime.exceptionThrown").forEach(event -> complaints.add(event.toString()));
    events("Log.entryAdded").stream()
        .filter(event -> !event.path("params").path("entry").path("level").asText().equals("info"))
        .forEach(event -> complaints.add(event.toString()));
    events("Runtime.consoleAPICalled").stream()
        .filter(
            event ->
                List.of("error", "warning", "assert")
                    .contains(event.path("params").path("type").asText()))
        .forEach(event -> complaints.add(event.toString()));
    events("Page.javascriptDialogOpening").forEach(event -> complaints.add(event.toString()));
    return complaints;
  }

  private List<JsonNode> events(String method) {
    lock.lock();
    try {
      return messages.stream()
          .filter(message -> message.path("method").asText().equals(method))
          .toList();
    } finally {
      lock.unlock();
    }
  }

  private JsonNode send(String method, Object... params) {
    ObjectNode node = JSON.createObjectNode();
    for (int i = 0; i < params.length; i += 2) {
      node.set((String) params[i], JSON.valueToTree(params[i + 1]));
    }
    return send(method, node);
  }

  private JsonNode send(String method, ObjectNode params) {
    int id = ++lastId;
    ObjectNode message = JSON.createObjectNode().put("id", id).put("method", method);
    message.set("params", params);
    if (!session.isEmpty()) {
      message.put("sessionId", session);
    }
    socket.sendText(message.toString(), true).join();
    JsonNode answer = await(given -> given.path("id").asInt() == id);
    if (answer.has("error")) {
      fail(method + ": " + answer.path("error"));
    }
    return answer.path("result");
  }

  private JsonNode await(Predicate<JsonNode> wanted) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    lock.lock();
    try {
      while (true) {
        for (int i = messages.size() - 1; i >= 0; i--) {
          if (wanted.test(messages.get(i))) {
            return messages.get(i);
          }
        }
        if (news.awaitNanos(deadline - System.nanoTime()) <= 0) {
          return fail("the browser did not answer in time");
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return fail("interrupted");
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    try {
      socket.sendText("{\"id\":0,\"method\":\"Browser.close\"}", true).get(5, TimeUnit.SECONDS);
      process.handle().onExit().get(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      System.out.println("the browser is ended the hard way: " + e);
    }
    process.close();
    try (Stream<Path> files = Files.walk(profile)) {
      files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
    } catch (IOException | UncheckedIOException e) {
      System.out.println("the browser's profile is left behind: " + profile);
    }
  }

  private final class Listener implements WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
      text.append(part);
      if (last) {
        String whole = text.toString();
        text.setLength(0);
        lock.lock();
        try {
          messages.add(JSON.readTree(whole));
          news.signalAll();
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        } finally {
          lock.unlock();
        }
      }
      from.request(1);
      return null;
    }
  }
}
