package dev.paceline.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.call.Policies;
import dev.paceline.config.Policy;
import dev.paceline.config.Settings;
import dev.paceline.metrics.CallMetrics;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class OnDeepStackTest {
  @Test
  @Timeout(60)
  void workIsDoneOnAStackOfUsualSizeHoweverSmallTheCallersIs() throws InterruptedException {
    int[] depth = new int[2];
    Thread small =
        new Thread(
            null,
            () -> {
              depth[0] = depth(0);
              OnDeepStack work =
                  OnDeepStack.start("test", Long.MAX_VALUE / 2, () -> depth[1] = depth(0));
              work.await();
            },
            "small",
            150 * 1024);
    small.start();
    small.join();
    assertThat(depth[1]).isGreaterThan(2 * depth[0]);
  }

  private static int depth(int above) {
    try {
      return depth(above + 1);
    } catch (StackOverflowError e) {
      return above;
    }
  }

  @Test
  @Timeout(60)
  void workThatHangsIsWaitedForAsLongAsThereIsPatience() {
    CountDownLatch never = new CountDownLatch(1);
    OnDeepStack work =
        OnDeepStack.start(
            "test",
            1_000_000,
            () -> {
              try {
                never.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    Thread.currentThread().interrupt();

    assertThat(work.await()).isFalse();

    assertThat(Thread.interrupted()).as("the caller's interrupt is kept").isTrue();
    assertThat(work.failure()).isNull();
    never.countDown();
  }

  @Test
  void whatFailsIsToldToWhoWaits() {
    Error failure = new NoClassDefFoundError("fake");
    OnDeepStack work =
        OnDeepStack.start(
            "test",
            Long.MAX_VALUE / 2,
            () -> {
              throw failure;
            });
    assertThat(work.await()).isTrue();
    assertThat(work.failure()).isSameAs(failure);
  }

  @Test
  void theWarmUpGoesThroughARefusalAndAnAnswer() {
    Settings settings = Settings.defaults();
    CallMetrics metrics = new CallMetrics(5);
    Policies policies =
        new Policies() {
          @Override
          public boolean enabled() {
            return true;
          }

          @Override
          public Policy policyFor(String provider, String model, String host) {
            return settings.policyFor(provider, model, host);
          }
        };

    WarmUp.run(new SystemClock(), policies, metrics, new KeyedHash(1, 2));

    assertThat(metrics.snapshot()).isNotEmpty();
  }
}
