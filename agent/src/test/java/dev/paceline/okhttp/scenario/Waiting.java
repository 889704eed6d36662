package dev.paceline.okhttp.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.okhttp.Fixture;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import okhttp3.Call;
import okhttp3.OkHttpClient;

/** How a wait ends before its time. The clock stands still: nothing else can end one here. */
public final class Waiting extends Scenario {
  public void cancellingEndsTheWaitOfASynchronousCall() throws Exception {
    server.script(limitedFirst(9, "Retry-After: 30\r\n"));
    Call call = client.newCall(chat("{}"));
    CompletableFuture<String> result = execute(call);
    agent.awaitWaiting(1);
    call.cancel();
    assertThat(failure(result)).isExactlyInstanceOf(IOException.class).hasMessage("Canceled");
    assertThat(agent.events).contains("ended CANCELLED");
    assertThat(server.count()).isEqualTo(1);
  }

  public void cancellingEndsTheWaitWhereTheAdviceIsMissing() throws Exception {
    agent.woven = false;
    server.script(limitedFirst(9, "Retry-After: 30\r\n"));
    Call call = client.newCall(chat("{}"));
    CompletableFuture<String> result = execute(call);
    agent.awaitWaiting(1);
    call.cancel();
    assertThat(failure(result)).hasMessage("Canceled");
  }

  public void cancellingEndsTheWaitOfAnEnqueuedCall() throws Exception {
    server.script(limitedFirst(9, "Retry-After: 30\r\n"));
    Call call = client.newCall(chat("{}"));
    CompletableFuture<String> result = enqueue(call);
    agent.awaitWaiting(1);
    call.cancel();
    assertThat(failure(result)).isExactlyInstanceOf(IOException.class).hasMessage("Canceled");
    Fixture.await(() -> client.dispatcher().runningCallsCount() == 0, () -> "no running call");
  }

  public void cancelAllEndsTheWaitOfARetry() throws Exception {
    server.script(limitedFirst(9, "Retry-After: 30\r\n"));
    CompletableFuture<String> result = enqueue(client.newCall(chat("{}")));
    agent.awaitWaiting(1);
    client.dispatcher().cancelAll();
    assertThat(failure(result)).hasMessage("Canceled");
  }

  public void interruptingEndsTheWaitAndKeepsTheFlag() throws Exception {
    server.script(limitedFirst(9, "Retry-After: 30\r\n"));
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    AtomicReference<Boolean> flag = new AtomicReference<>();
    Thread caller =
        new Thread(
            () -> {
              try {
                text(client.newCall(chat("{}")).execute());
              } catch (Throwable t) {
                thrown.set(t);
                flag.set(Thread.currentThread().isInterrupted());
              }
            });
    caller.start();
    agent.awaitWaiting(1);
    caller.interrupt();
    caller.join(20_000);
    assertThat(thrown.get()).isInstanceOf(InterruptedIOException.class).hasMessage("interrupted");
    assertThat(flag.get()).isTrue();
    assertThat(agent.waiting()).isZero();
  }

  public void aWaitThatDoesNotFitTheCallTimeoutIsNotBegun() throws Exception {
    server.script(limitedFirst(9, "Retry-After: 30\r\n"));
    OkHttpClient hurried = client.newBuilder().callTimeout(10, TimeUnit.SECONDS).build();
    assertThat(get(execute(hurried.newCall(chat("{}"))))).isEqualTo("429 " + LIMIT);
    assertThat(server.count()).isEqualTo(1);
  }

  /** The agent's clock stands still, OkHttp's does not: its timeout fires during the wait. */
  public void theCallTimeoutEndsTheWaitAsATimeout() throws Exception {
    server.script(limitedFirst(9, "Retry-After: 1\r\n"));
    OkHttpClient hurried = client.newBuilder().callTimeout(1500, TimeUnit.MILLISECONDS).build();
    Throwable failure = failure(execute(hurried.newCall(chat("{}"))));
    assertThat(failure).isInstanceOf(InterruptedIOException.class).hasMessage("timeout");
  }

  public void theCallTimeoutEndsTheWaitOfAnEnqueuedCallAsATimeout() throws Exception {
    server.script(limitedFirst(9, "Retry-After: 1\r\n"));
    OkHttpClient hurried = client.newBuilder().callTimeout(1500, TimeUnit.MILLISECONDS).build();
    Throwable failure = failure(enqueue(hurried.newCall(chat("{}"))));
    assertThat(failure).isInstanceOf(InterruptedIOException.class).hasMessage("timeout");
  }

  public void switchingTheAgentOffDeliversTheKeptAnswer() throws Exception {
    server.script(limitedFirst(9, "Retry-After: 30\r\n"));
    CompletableFuture<String> result = execute(client.newCall(chat("{}")));
    agent.awaitWaiting(1);
    agent.calls.releaseWaits();
    assertThat(get(result)).isEqualTo("429 " + LIMIT);
    assertThat(server.count()).isEqualTo(1);
  }

  public void oneMetALimitSoOthersDoNotGoOut() throws Exception {
    server.script(limitedFirst(1, "Retry-After: 30\r\n"));
    CompletableFuture<String> first = execute(client.newCall(chat("{\"n\":1}")));
    agent.awaitWaiting(1);
    CompletableFuture<String> second = execute(client.newCall(chat("{\"n\":2}")));
    agent.awaitWaiting(2);
    assertThat(server.count()).isEqualTo(1);
    agent.time.pass(40 * Fixture.SECOND);
    agent.time.leaping();
    assertThat(get(first)).isEqualTo("200 ok");
    assertThat(get(second)).isEqualTo("200 ok");
    assertThat(server.count()).isEqualTo(3);
  }
}
