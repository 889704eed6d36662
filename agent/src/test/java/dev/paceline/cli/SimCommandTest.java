package dev.paceline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Scanner;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SimCommandTest {
  private static final PrintStream NOWHERE = new PrintStream(new ByteArrayOutputStream(), true);

  @Test
  void itEnforcesItsLimitsAndTellsWhatArrived() throws Exception {
    PipedOutputStream keyboard = new PipedOutputStream();
    PipedInputStream in = new PipedInputStream(keyboard);
    PipedOutputStream screen = new PipedOutputStream();
    Scanner lines = new Scanner(new PipedInputStream(screen), StandardCharsets.UTF_8);
    PrintStream out = new PrintStream(screen, true, StandardCharsets.UTF_8);
    Thread command =
        new Thread(
            () ->
                new SimCommand()
                    .run(
                        new String[] {
                          "--limit", "rpd=60,initial=1",
                          "--limit", "rpd=60,initial=0,only=full",
                          "--dialect", "openai",
                          "--control"
                        },
                        new StandardStreams(out, NOWHERE, in)));
    command.start();
    URI address = URI.create(lines.nextLine() + "/v1/chat/completions");

    assertThat(post(address, "gpt-4o")).isEqualTo(200);
    assertThat(post(address, "gpt-4o")).isEqualTo(429);
    assertThat(post(address, "full-1")).isEqualTo(429);
    keyboard.write("gpt-4o\n".getBytes(StandardCharsets.UTF_8));
    keyboard.flush();
    assertThat(lines.nextLine())
        .contains("\"requests\":2")
        .contains("\"served\":1")
        .contains("\"limited\":1")
        .contains("\"most_at_a_time\":1");
    keyboard.close();
    command.join();
  }

  @Test
  void itListensWhereItIsToldAndRunsOnWhenStdinHasEnded() throws Exception {
    int port;
    try (java.net.ServerSocket free = new java.net.ServerSocket(0)) {
      port = free.getLocalPort();
    }
    PipedOutputStream screen = new PipedOutputStream();
    Scanner lines = new Scanner(new PipedInputStream(screen), StandardCharsets.UTF_8);
    StandardStreams console =
        new StandardStreams(
            new PrintStream(screen, true, StandardCharsets.UTF_8),
            NOWHERE,
            new ByteArrayInputStream(new byte[0]));
    Thread command =
        new Thread(
            () -> new SimCommand().run(new String[] {"--port", String.valueOf(port)}, console));
    command.start();

    assertThat(lines.nextLine()).isEqualTo("http://127.0.0.1:" + port);
    URI address = URI.create("http://127.0.0.1:" + port + "/v1/chat/completions");
    assertThat(post(address, "gpt-4o")).isEqualTo(200);
    assertThat(command.isAlive()).isTrue();
    command.interrupt();
    command.join();
  }

  private static int post(URI address, String model) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(address)
            .POST(HttpRequest.BodyPublishers.ofString("{\"model\":\"" + model + "\"}"))
            .build();
    return HttpClient.newHttpClient()
        .send(request, HttpResponse.BodyHandlers.discarding())
        .statusCode();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--limit rpm",
        "--limit x=1",
        "--limit rpm=60,y",
        "--speed 2",
        "--dialect klingon",
        "--port x",
        "--port 70000"
      })
  void whatItDoesNotUnderstandIsAUsageError(String line) {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    StandardStreams console =
        new StandardStreams(
            NOWHERE, new PrintStream(err, true), new ByteArrayInputStream(new byte[0]));

    assertThat(new SimCommand().run(line.split(" "), console)).isEqualTo(Command.USAGE);
    assertThat(err.toString(StandardCharsets.UTF_8)).startsWith("paceline sim: ");
  }
}
