package dev.paceline.it.program;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;

/** The JDK's client. */
final class Jdk {
  private Jdk() {}

  static HttpClient client() {
    return HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  }

  static HttpRequest.Builder request(String url, String key, BodyPublisher body) {
    return HttpRequest.newBuilder(URI.create(url))
        .header("Authorization", "Bearer " + key)
        .header("Content-Type", "application/json")
        .POST(body);
  }

  static HttpRequest chat(Provider provider, String key, String question) {
    return request(provider.chatUrl(), key, BodyPublishers.ofString(Provider.chat(question)))
        .build();
  }
}
