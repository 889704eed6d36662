package dev.paceline.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.it.app.okhttp.OkHttpApp;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.opentest4j.TestAbortedException;

/** The providers' own host names, without a word of configuration. */
class RealHostsIT {
  private static final int HTTPS = 443;

  @ParameterizedTest
  @MethodSource("dev.paceline.it.Jdk#cells")
  void openAiIsRecognisedByItsName(int jdk, @TempDir Path folder) throws IOException {
    needsPort();
    Path hosts = Files.writeString(folder.resolve("hosts"), "127.0.0.1 api.openai.com localhost\n");
    try (Upstream upstream = Upstream.startOnTlsPort(HTTPS)) {
      upstream.script("recover", Answer.rateLimited(), Answer.ok());
      List<String> runs = List.of("recover.sync-h2", "recover.async-tls");

      Ended ended =
          AgentJvm.run(OkHttpApp.class)
              .withJdk(jdk)
              .with("okhttp:4.12.0")
              .against(upstream)
              .withoutProperty("paceline.hosts")
              .withProperty("it.tls", "https://api.openai.com")
              .withProperty("jdk.net.hosts.file", hosts.toString())
              .withShortWaits()
              .withArguments(runs)
              .await()
              .exitedWith(0);

      for (String run : runs) {
        ended.outcome(run).succeeded();
        upstream.saw(2, run);
      }
      assertThat(ended.err()).noneMatch(line -> line.contains("could not"));
    }
  }

  private static void needsPort() {
    try (ServerSocket free = new ServerSocket(HTTPS)) {
      free.setReuseAddress(true);
    } catch (IOException e) {
      String line = "SKIPPED: port " + HTTPS + " cannot be bound here: " + e.getMessage();
      System.out.println(line);
      throw new TestAbortedException(line);
    }
  }
}
