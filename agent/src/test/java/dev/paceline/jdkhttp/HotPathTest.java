package dev.paceline.jdkhttp;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.Test;

class HotPathTest {
  @Test
  void requestThatIsNoneOfOursCostsNoBytes() {
    try (Rig rig = new Rig()) {
      HttpClient client = HttpClient.newHttpClient();
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("https://shop.example/orders/1")).build();
      Object handler = BodyHandlers.ofString();
      ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
      long me = Thread.currentThread().getId();
      long least = Long.MAX_VALUE;
      for (int round = 0; round < 5; round++) {
        long before = threads.getThreadAllocatedBytes(me);
        for (int i = 0; i < 10_000; i++) {
          if (rig.adapter.send(client, request, handler) != null
              || rig.adapter.sendAsync(client, request, handler, null) != null) {
            throw new AssertionError();
          }
        }
        least = Math.min(least, threads.getThreadAllocatedBytes(me) - before);
      }
      // The measurement itself may cost a few bytes, 20,000 requests must not.
      assertThat(least).isLessThan(1_000);
    }
  }
}
