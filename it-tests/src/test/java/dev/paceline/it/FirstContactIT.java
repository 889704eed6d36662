package dev.paceline.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.paceline.it.app.HelloWorld;
import dev.paceline.it.app.IdleApp;
import dev.paceline.it.app.JdkApp;
import dev.paceline.it.app.okhttp.OkHttpApp;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What somebody sees who attaches the agent for the first time. */
class FirstContactIT {
  private static final String CELLS = "dev.paceline.it.Jdk#cells";
  private static final String STAMP = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z ";

  @ParameterizedTest
  @MethodSource(CELLS)
  void theBannerIsOneLineAtTheStart(int jdk) {
    Ended ended =
        AgentJvm.run(HelloWorld.class)
            .withJdk(jdk)
            .withoutProperty("paceline.console.port")
            .withProperty("paceline.banner", "true")
            .await()
            .exitedWith(0);

    assertThat(ended.err())
        .singleElement()
        .asString()
        .matches(
            STAMP
                + "INFO paceline: attached, \\d.*, mode enforce, configuration from system"
                + " property, no configuration problems, the first call to an LLM opens the"
                + " console at http://127\\.0\\.0\\.1:19429/");
  }

  /** Without any call, and without the banner. */
  @Test
  void problemsOfTheConfigurationAreToldAtTheStart() {
    try (Forked forked =
        AgentJvm.run(IdleApp.class).withProperty("paceline.max-wiat", "5s").start()) {
      forked.awaitError(line -> line.contains("paceline.max-wiat"));
      forked.tell("");
      Ended ended = forked.await().exitedWith(0);

      assertThat(ended.err())
          .singleElement()
          .asString()
          .matches(STAMP + "WARN paceline: .*unknown key.*did you mean paceline.max-wait\\?.*");
    }
  }

  @Test
  void linesCanBeJson() throws JsonProcessingException {
    Ended ended =
        AgentJvm.run(HelloWorld.class)
            .withProperty("paceline.banner", "true")
            .withProperty("paceline.log.format", "json")
            .withProperty("paceline.mode", "observ")
            .await()
            .exitedWith(0);

    assertThat(ended.err()).hasSize(2);
    for (String line : ended.err()) {
      JsonNode node = new ObjectMapper().readTree(line);
      assertThat(node.path("time").asText()).matches(STAMP.strip());
      assertThat(node.path("logger").asText()).isEqualTo("paceline");
    }
    JsonNode banner = new ObjectMapper().readTree(ended.err().get(1));
    assertThat(banner.path("level").asText()).isEqualTo("INFO");
    assertThat(banner.path("message").asText())
        .startsWith("attached, ")
        .contains("mode observe", "1 configuration problem,");
  }

  /** A scrape target that is up before any call, and a page for who is on the machine. */
  @ParameterizedTest
  @MethodSource(CELLS)
  void anEarlyConsoleIsOpenBeforeAnyCall(int jdk) throws IOException {
    try (Upstream upstream = Upstream.start();
        Forked forked =
            AgentJvm.run(IdleApp.class)
                .withJdk(jdk)
                .withProperty("paceline.console.start", "early")
                .withProperty("paceline.console.host", "0.0.0.0")
                .withProperty("paceline.console.page.host", "127.0.0.1")
                .withProperty("paceline.console.port", "0")
                .start()) {
      String line = forked.awaitError(text -> text.contains("console http"));
      int port = URI.create(line.substring(line.indexOf("http"))).getPort();

      // 127.0.0.2 stands for the machine's address in a network.
      assertThat(get("127.0.0.2", port, "/metrics")).contains("200 OK", "paceline_");
      assertThat(get("127.0.0.2", port, "/")).contains("403 Forbidden");
      assertThat(get("127.0.0.1", port, "/")).contains("200 OK", "<html");
      Ended status =
          Fork.of(
                  Jdk.tool(17, "java"),
                  "-jar",
                  AgentJvm.JAR.toString(),
                  "status",
                  "127.0.0.1:" + port)
              .await()
              .exitedWith(0);
      assertThat(status.everything()).contains("enforce");
      Ended refused =
          Fork.of(
                  Jdk.tool(17, "java"),
                  "-jar",
                  AgentJvm.JAR.toString(),
                  "status",
                  "127.0.0.2:" + port)
              .await();
      assertThat(refused.everything()).contains("status 403: ", "paceline.console.page.host");
      forked.tell("");
      assertThat(forked.await().exitedWith(0).err()).hasSize(1);
    }
  }

  @Test
  void anEarlyConsoleServesTheFirstCallToo() {
    try (Upstream upstream = Upstream.start()) {
      upstream.script("fine", Answer.ok());

      Ended ended =
          AgentJvm.run(JdkApp.class)
              .against(upstream)
              .withProperty("paceline.console.start", "early")
              .withProperty("paceline.console.port", "0")
              .withProperty("paceline.banner", "true")
              .withArguments("fine.sync")
              .await();

      ended.exitedWith(0).outcome("fine.sync").succeeded();
      assertThat(ended.err()).singleElement().asString().contains("attached", "console http");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"jdk", "okhttp"})
  void aCallToAnUnknownHostIsNamedOnce(String client) {
    try (Upstream upstream = Upstream.start()) {
      upstream.script("fine", Answer.ok());

      AgentJvm jvm =
          client.equals("jdk")
              ? AgentJvm.run(JdkApp.class)
              : AgentJvm.run(OkHttpApp.class).with("okhttp:4.12.0");
      Ended ended =
          jvm.against(upstream)
              .withoutProperty("paceline.hosts")
              .withArguments("fine.sync", "fine.async", "fine.stream")
              .await();

      ended.exitedWith(0).outcome("fine.sync").succeeded();
      String host = "127.0.0.1:" + upstream.port();
      assertThat(ended.err())
          .singleElement()
          .asString()
          .matches(STAMP + "WARN .*")
          .endsWith(
              "seen, not recognised: "
                  + host
                  + "/v1/chat/completions; name it in paceline.hosts: "
                  + host
                  + "=openai");
      assertThat(ended.everything()).doesNotContain("sk-it");
    }
  }

  @Test
  void everyLineCarriesTimeAndLevel() {
    try (Upstream upstream = Upstream.start()) {
      upstream.script("fine", Answer.ok());
      String jar = AgentJvm.JAR.toString();

      Ended ended =
          AgentJvm.run(JdkApp.class)
              .withAgents(jar, jar)
              .against(upstream)
              .withProperty("paceline.console.port", "0")
              .withProperty("paceline.log", "debug")
              .withProperty("paceline.nonsense", "1")
              .withArguments("fine.sync")
              .await()
              .exitedWith(0);

      assertThat(ended.err()).hasSizeGreaterThanOrEqualTo(3);
      assertThat(ended.err()).allMatch(line -> line.matches(STAMP + "(INFO|WARN) paceline: .*"));
    }
  }

  private static String get(String address, int port, String path) throws IOException {
    try (Socket socket = new Socket(InetAddress.getByName(address), port)) {
      socket.setSoTimeout(20_000);
      String request = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      InputStream in = socket.getInputStream();
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
