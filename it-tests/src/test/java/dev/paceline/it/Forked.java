package dev.paceline.it;

import static org.assertj.core.api.Assertions.fail;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/** A JVM that runs. Closing it kills it, if it still lives, by its handle. */
final class Forked implements AutoCloseable {
  private static final String AT_REST = "waiting 0, in flight 0";

  private final Process process;
  private final long deadline;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition news = lock.newCondition();
  private final List<String> out = new ArrayList<>();
  private final List<String> err = new ArrayList<>();
  private int openStreams = 2;

  private final Optional<Path> rest;

  private Forked(Process process, Duration timeout, Optional<Path> rest) {
    this.process = process;
    this.rest = rest;
    this.deadline = System.nanoTime() + timeout.toNanos();
  }

  static Forked start(
      List<String> command, Map<String, String> environment, Path directory, Duration timeout) {
    return start(command, environment, directory, timeout, Optional.empty());
  }

  /**
   * @param rest where the application writes what it still holds in the end
   */
  static Forked start(
      List<String> command,
      Map<String, String> environment,
      Path directory,
      Duration timeout,
      Optional<Path> rest) {
    ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
    // What the machine gives to every JVM would be printed on stderr, which tests look at.
    builder.environment().keySet().removeIf(key -> key.startsWith("PACELINE_"));
    List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS", "CLASSPATH")
        .forEach(builder.environment()::remove);
    builder.environment().putAll(environment);
    try {
      Forked forked = new Forked(builder.start(), timeout, rest);
      forked.follow(forked.process.getInputStream(), forked.out, "out");
      forked.follow(forked.process.getErrorStream(), forked.err, "err");
      return forked;
    } catch (IOException e) {
      throw new IllegalStateException(String.join(" ", command), e);
    }
  }

  private void follow(InputStream stream, List<String> lines, String name) {
    Thread reader =
        new Thread(
            () -> {
              try (BufferedReader text =
                  new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
                for (String line; (line = text.readLine()) != null; ) {
                  add(lines, line);
                }
              } catch (IOException closed) {
                // killed
              } finally {
                changed(() -> openStreams--);
              }
            },
            "fork-" + process.pid() + "-" + name);
    reader.setDaemon(true);
    reader.start();
  }

  private void add(List<String> lines, String line) {
    changed(() -> lines.add(line));
  }

  private void changed(Runnable change) {
    lock.lock();
    try {
      change.run();
      news.signalAll();
    } finally {
      lock.unlock();
    }
  }

  ProcessHandle handle() {
    return process.toHandle();
  }

  /** Waits until the application has printed a line like this. */
  String awaitLine(Predicate<String> wanted) {
    return awaitLine(out, wanted);
  }

  /** Waits until a line like this was printed on stderr. */
  String awaitError(Predicate<String> wanted) {
    return awaitLine(err, wanted);
  }

  private String awaitLine(List<String> lines, Predicate<String> wanted) {
    lock.lock();
    try {
      while (true) {
        for (String line : lines) {
          if (wanted.test(line)) {
            return line;
          }
        }
        if (openStreams == 0) {
          return fail("the JVM ended without the line\n" + story());
        }
        waitForNews("the line");
      }
    } finally {
      lock.unlock();
    }
  }

  /** Writes a line to the application's stdin. */
  void tell(String line) {
    try {
      process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
      process.getOutputStream().flush();
    } catch (IOException e) {
      fail("cannot write to the JVM\n" + story(), e);
    }
  }

  /** Asks the JVM to shut down, as a container does: SIGTERM. */
  void terminate() {
    // Not Process.destroy(): that also closes the streams, and what is said in the end is lost.
    process.toHandle().destroy();
  }

  /** Waits for the end of the JVM and of what it printed. */
  Ended await() {
    try {
      if (!process.waitFor(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
        fail("the JVM did not end in time\n" + threadDump() + story());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      fail("interrupted");
    }
    lock.lock();
    try {
      while (openStreams > 0) {
        waitForNews("the end of its output");
      }
      assertAtRest();
      return new Ended(process.exitValue(), List.copyOf(out), List.copyOf(err));
    } finally {
      lock.unlock();
    }
  }

  /**
   * A JVM that was halted has written nothing; to one that was ended by a signal, or by a failure,
   * calls that are under way are no surprise.
   */
  private void assertAtRest() {
    if (process.exitValue() != 0 || rest.filter(Files::exists).isEmpty()) {
      return;
    }
    try {
      String figures = Files.readString(rest.get());
      Files.delete(rest.get());
      if (!figures.equals(AT_REST)) {
        fail("at its end the JVM still had " + figures + "; 0 of both was due\n" + story());
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private void waitForNews(String what) {
    try {
      if (news.awaitNanos(deadline - System.nanoTime()) <= 0) {
        fail("waited in vain for " + what + "\n" + story());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      fail("interrupted");
    }
  }

  private String threadDump() {
    String jstack =
        process
            .info()
            .command()
            .map(java -> Path.of(java).resolveSibling("jstack").toString())
            .orElse("jstack");
    try {
      Process dump =
          new ProcessBuilder(jstack, String.valueOf(process.pid()))
              .redirectErrorStream(true)
              .start();
      String text = new String(dump.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return text + "\n";
    } catch (IOException e) {
      return "";
    }
  }

  private String story() {
    lock.lock();
    try {
      return "stdout:\n" + String.join("\n", out) + "\nstderr:\n" + String.join("\n", err);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }
}
