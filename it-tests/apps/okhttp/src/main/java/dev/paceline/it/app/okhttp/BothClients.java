package dev.paceline.it.app.okhttp;

import java.net.http.HttpClient;
import okhttp3.OkHttpClient;

/** Builds one client of each kind and ends: what weaving costs, and nothing else. */
public final class BothClients {
  private BothClients() {}

  public static void main(String[] args) {
    System.out.println(HttpClient.newHttpClient() != null && new OkHttpClient() != null);
  }
}
