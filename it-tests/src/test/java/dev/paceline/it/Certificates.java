package dev.paceline.it;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A self-signed certificate for the upstream, made by the JDK's keytool at test time. */
final class Certificates {
  static final String PASSWORD = "changeit";

  private Certificates() {}

  /** A key store that is its own trust store: the key's certificate signs itself. */
  static Path keyStore() {
    return keyStore(
        "tls", List.of("api.openai.com", "api.anthropic.com", "generativelanguage.googleapis.com"));
  }

  /** The same for these hosts, and for this machine. */
  static Path keyStore(String name, List<String> hosts) {
    Path store = AgentJvm.TARGET.resolve(name + "-" + ProcessHandle.current().pid() + ".p12");
    if (Files.exists(store)) {
      return store;
    }
    store.toFile().deleteOnExit();
    run(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
            "-genkeypair",
            "-alias",
            "upstream",
            "-keyalg",
            "EC",
            "-groupname",
            "secp256r1",
            "-validity",
            "2",
            "-dname",
            "CN=upstream",
            "-ext",
            "san=dns:localhost,ip:127.0.0.1,dns:" + String.join(",dns:", hosts),
            "-ext",
            "bc:c=ca:true",
            "-storetype",
            "PKCS12",
            "-keystore",
            store.toString(),
            "-storepass",
            PASSWORD));
    return store;
  }

  private static void run(List<String> command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        throw new IllegalStateException(said);
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
