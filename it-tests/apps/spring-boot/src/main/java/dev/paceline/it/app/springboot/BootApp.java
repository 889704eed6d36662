package dev.paceline.it.app.springboot;

import dev.paceline.it.app.JdkApp;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** Spring Boot with Actuator, as anybody has it; its LLM calls go through the JDK's client. */
@SpringBootApplication
public class BootApp {
  /** Tells its port, then makes the runs. */
  public static void main(String[] args) throws Exception {
    var context = SpringApplication.run(BootApp.class);
    System.out.println("port " + context.getEnvironment().getProperty("local.server.port"));
    JdkApp.main(args);
  }
}
