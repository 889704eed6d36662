package dev.paceline.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;

/**
 * What starting costs, as whole processes: wall time and CPU time of short programs without an
 * agent, with an empty one, with ours and with OpenTelemetry's, in turn. An acceptance run for a
 * quiet machine, not part of the tests: {@code mvn verify -Pacceptance}.
 */
class StartUpAcceptance {
  private static final int ROUNDS = Integer.getInteger("acceptance.rounds", 15);
  private static final int BEST_OF = 3;
  private static final double TICK_MILLIS = 10; // USER_HZ is 100 on every Linux that runs a JVM

  private record Cost(double wall, double cpu) {}

  @Test
  void helloWorldCostsLittleMoreThanAnEmptyAgent() throws Exception {
    String[] program = {
      "-cp",
      AgentJvm.MODULE.resolve("apps/common/target/classes").toString(),
      "dev.paceline.it.app.HelloWorld"
    };
    double best = Double.MAX_VALUE;
    for (int run = 0; run < BEST_OF; run++) {
      Map<String, Cost> costs = measure("hello-world", program);
      best = Math.min(best, costs.get("paceline").wall - costs.get("empty agent").wall);
    }
    assertThat(best).as("ms over an empty premain").isLessThanOrEqualTo(15);
  }

  @Test
  void aClientOfEachKindCostsLittle() throws Exception {
    String classes =
        AgentJvm.jarsOf("okhttp:4.12.0").stream()
            .map(Path::toString)
            .collect(Collectors.joining(File.pathSeparator));
    String[] program = {
      "-cp",
      AgentJvm.MODULE.resolve("apps/okhttp/target/classes") + File.pathSeparator + classes,
      "dev.paceline.it.app.okhttp.BothClients"
    };
    double best = Double.MAX_VALUE;
    for (int run = 0; run < BEST_OF; run++) {
      Map<String, Cost> costs = measure("one client of each kind", program);
      best = Math.min(best, costs.get("paceline").cpu - costs.get("no agent").cpu);
    }
    assertThat(best).as("ms of CPU over no agent").isLessThanOrEqualTo(150);
  }

  private static Map<String, Cost> measure(String name, String[] program) throws Exception {
    Map<String, List<String>> agents = new LinkedHashMap<>();
    agents.put("no agent", List.of());
    agents.put("empty agent", List.of("-javaagent:" + emptyAgent()));
    agents.put("paceline", List.of("-javaagent:" + AgentJvm.JAR));
    agents.put(
        "OpenTelemetry",
        List.of(
            "-javaagent:" + AgentJvm.jarsOf("otel-agent").get(0),
            "-Dotel.traces.exporter=none",
            "-Dotel.metrics.exporter=none",
            "-Dotel.logs.exporter=none"));
    Map<String, double[]> wall = new LinkedHashMap<>();
    Map<String, Double> cpu = new LinkedHashMap<>();
    agents.keySet().forEach(agent -> wall.put(agent, new double[ROUNDS]));
    for (int round = -1; round < ROUNDS; round++) {
      for (Map.Entry<String, List<String>> agent : agents.entrySet()) {
        if (agent.getKey().equals("OpenTelemetry") && round > 4) {
          continue; // seconds each; five rounds say enough
        }
        List<String> command = new ArrayList<>(List.of(Jdk.tool(17, "java")));
        command.addAll(agent.getValue());
        command.addAll(List.of(program));
        long ticks = childTicks();
        long began = System.nanoTime();
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getInputStream().transferTo(OutputStream.nullOutputStream());
        assertThat(process.waitFor()).isZero();
        if (round >= 0) {
          wall.get(agent.getKey())[round] = (System.nanoTime() - began) / 1e6;
          cpu.merge(agent.getKey(), (childTicks() - ticks) * TICK_MILLIS, Double::sum);
        }
      }
    }
    Map<String, Cost> costs = new LinkedHashMap<>();
    System.out.printf("%s, JDK 17, %d rounds in turn%n", name, ROUNDS);
    wall.forEach(
        (agent, times) -> {
          double[] counted = Arrays.stream(times).filter(t -> t > 0).sorted().toArray();
          Cost cost = new Cost(counted[counted.length / 2], cpu.get(agent) / counted.length);
          costs.put(agent, cost);
          System.out.printf(
              Locale.ROOT,
              "  %-14s %8.1f ms wall (median)  %8.1f ms CPU (mean)%n",
              agent,
              cost.wall,
              cost.cpu);
        });
    return costs;
  }

  /** CPU time of ended children, in clock ticks: fields 16 and 17 of proc(5)'s stat. */
  private static long childTicks() throws IOException {
    String stat = Files.readString(Path.of("/proc/self/stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    return Long.parseLong(fields[13]) + Long.parseLong(fields[14]);
  }

  private static Path emptyAgent() throws Exception {
    Path folder = Files.createDirectories(AgentJvm.TARGET.resolve("empty-agent"));
    Path source = folder.resolve("Empty.java");
    Files.writeString(source, "public class Empty { public static void premain(String a) {} }");
    assertThat(
            ToolProvider.getSystemJavaCompiler()
                .run(null, null, null, "-d", folder.toString(), source.toString()))
        .isZero();
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().putValue("Premain-Class", "Empty");
    Path jar = folder.resolve("empty.jar");
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest)) {
      out.putNextEntry(new JarEntry("Empty.class"));
      out.write(Files.readAllBytes(folder.resolve("Empty.class")));
    }
    return jar;
  }
}
