package dev.paceline.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.it.app.SerialApp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.TestAbortedException;

/** Disks that are full, files that are none, descriptors that run out. */
class SurroundingsChaosIT {
  private @TempDir Path folder;

  @Test
  void aFullDiskFailsNoCall() throws Exception {
    Path disk = Files.createDirectory(folder.resolve("disk"));
    mount(disk);
    try {
      Path filler = disk.resolve("filler");
      try {
        Files.write(filler, new byte[1 << 20]);
      } catch (IOException full) {
        // as wanted
      }
      served(
          jvm -> jvm.withProperty("paceline.state.file", disk.resolve("state.json").toString()),
          "a full disk");
    } finally {
      run("umount", disk.toString());
    }
  }

  @Test
  void aStateFileThatIsADeviceIsLeftAlone() throws IOException {
    served(jvm -> jvm.withProperty("paceline.state.file", "/dev/full"), "a device");

    assertThat(Files.isRegularFile(Path.of("/dev/full"))).isFalse();
  }

  @Test
  void aPipeAsTheKeyOfTheStateFileHoldsNobody() throws Exception {
    run("mkfifo", folder.resolve("state.json.key").toString());

    served(
        jvm -> jvm.withProperty("paceline.state.file", folder.resolve("state.json").toString()),
        "a pipe");
  }

  @Test
  void aPipeAsStateFileHoldsNobody() throws Exception {
    run("mkfifo", folder.resolve("state.json").toString());

    served(
        jvm -> jvm.withProperty("paceline.state.file", folder.resolve("state.json").toString()),
        "a pipe");
  }

  @Test
  void fewDescriptorsAreEnough() throws IOException {
    Path java = folder.resolve("java");
    Files.writeString(java, "#!/bin/sh\nulimit -n 64\nexec " + Jdk.tool(17, "java") + " \"$@\"\n");
    assertThat(java.toFile().setExecutable(true)).isTrue();

    served(jvm -> jvm.withJava(java).withProperty("paceline.console.port", "0"), "64 descriptors");
  }

  private interface Setting {
    AgentJvm of(AgentJvm jvm);
  }

  /** Calls are served, a 429 is repeated, the JVM ends. */
  private static void served(Setting setting, String what) {
    try (Upstream upstream = Upstream.start()) {
      upstream
          .script("fine", Answer.ok())
          .script("limited", Answer.rateLimited().header("retry-after-ms", "50"), Answer.ok());
      List<String> runs = IntStream.range(0, 20).mapToObj(i -> "fine." + i).toList();
      Ended ended =
          setting
              .of(AgentJvm.run(SerialApp.class).against(upstream).withShortWaits().withQuickStart())
              .withArguments(runs)
              .withArguments("limited.x")
              .await()
              .exitedWith(0);

      for (String run : runs) {
        assertThat(ended.outcome(run).succeeded().text()).as(what).isEqualTo(Answer.TEXT);
      }
      assertThat(ended.outcome("limited.x").succeeded().text()).as(what).isEqualTo(Answer.TEXT);
      upstream.saw(2, "limited.x");
    }
  }

  /** A disk of 16 kB. */
  private static void mount(Path disk) throws Exception {
    if (!Files.isExecutable(Path.of("/bin/mount"))
        || new ProcessBuilder("mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", disk.toString())
                .redirectErrorStream(true)
                .start()
                .waitFor()
            != 0) {
      String line = "SKIPPED: a small disk cannot be mounted here";
      System.out.println(line);
      throw new TestAbortedException(line);
    }
  }

  private static void run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    assertThat(process.waitFor(20, TimeUnit.SECONDS) && process.exitValue() == 0)
        .as(String.join(" ", command))
        .isTrue();
  }
}
