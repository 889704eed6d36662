package dev.paceline.it.app;

import java.net.http.HttpClient;
import java.net.http.HttpResponse.BodyHandlers;

/** Leaves while a call of it is on the way. */
public final class LeavesApp {
  private LeavesApp() {}

  public static void main(String[] args) {
    HttpClient client = HttpClient.newHttpClient();
    client.sendAsync(JdkApp.chat(Runs.url(), "left", false), BodyHandlers.ofString());
    Insides.await(() -> Insides.inFlight() == 1);
    Say.run("left").with("ok", true).line();
    System.exit(0);
  }
}
