package dev.paceline.it.program;

import dev.paceline.it.app.Insides;
import dev.paceline.it.app.Rest;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Runs named cases, one after another, and says on stdout what each came to.
 *
 * <ul>
 *   <li>{@code = name: text} must be the same without and with the agent.
 *   <li>{@code ! name: text} is what the agent is for, and must be {@code true} with it; without it
 *       nothing is asked.
 *   <li>{@code # …} is for the reader.
 * </ul>
 *
 * What the agent still holds after a case is such a line, too: nothing, as without it.
 */
final class Cases {
  /**
   * Longer than any case takes on a machine with ten times more to do than it can; one that hangs
   * must not stop the others. {@code it.crowd} makes cases longer.
   */
  private static final long MOST_MILLIS = 120_000L * Integer.getInteger("it.crowd", 1);

  private final List<String> wanted;
  private int number;
  private String before = "waiting 0, in flight 0";

  /**
   * @param names the cases to run; none for all
   */
  Cases(String... names) {
    wanted = List.of(names);
  }

  /** Whether the agent is in this JVM. */
  static boolean withAgent() {
    return Boolean.getBoolean("it.agent");
  }

  /** Whether its configuration says that this program's server is an LLM's. */
  static boolean recognised() {
    return withAgent() && System.getProperty("paceline.hosts") != null;
  }

  Cases add(String name, Callable<?> body) {
    if (!wanted.isEmpty() && !wanted.contains(name)) {
      return this;
    }
    FutureTask<Object> task = new FutureTask<>(body::call);
    long begin = System.nanoTime();
    Thread thread = new Thread(task, "case-" + ++number);
    thread.setDaemon(true);
    thread.start();
    String end;
    try {
      end = String.valueOf(task.get(MOST_MILLIS, TimeUnit.MILLISECONDS));
    } catch (ExecutionException e) {
      end = told(e.getCause());
    } catch (TimeoutException e) {
      end = "NO END in " + MOST_MILLIS / 1_000 + " s";
      dump();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    say("= " + name + ": " + end);
    say("= " + name + ", at rest: " + left());
    say("# " + name + " took " + (System.nanoTime() - begin) / 1_000_000 + " ms");
    return this;
  }

  /** What this case left behind; what an earlier one did is said already. */
  private String left() {
    String figures = Rest.figures();
    if (figures.equals(before)) {
      return "nothing is held";
    }
    before = figures;
    return figures;
  }

  /** Something that only the agent can do. */
  static void must(String name, Object holds) {
    say("! " + name + ": " + holds);
  }

  void end() {
    System.exit(0);
  }

  static void say(String line) {
    // One write: lines of several threads must not mix.
    System.out.print(line.replace('\n', ' ') + "\n");
    System.out.flush();
  }

  /** A failure down to its causes, without what differs from run to run. */
  static String told(Throwable thrown) {
    StringBuilder all = new StringBuilder();
    int depth = 0;
    for (Throwable t = thrown; t != null && depth++ < 6; t = t.getCause()) {
      all.append(all.length() == 0 ? "" : " <- ")
          .append(t.getClass().getName())
          .append(": ")
          .append(
              String.valueOf(t.getMessage())
                  .replaceAll("(127\\.0\\.0\\.1|localhost)?[:/]+\\d{2,5}", "HERE")
                  .replaceAll("@[0-9a-f]+", ""));
    }
    return all.toString();
  }

  static String text(String whole) {
    return whole.length() <= 120 ? whole : whole.length() + " chars #" + whole.hashCode();
  }

  /** Whether a state is reached within so long. */
  static boolean reached(long millis, BooleanSupplier state) {
    long begin = System.nanoTime();
    while (!state.getAsBoolean()) {
      if (System.nanoTime() - begin > millis * 1_000_000) {
        return false;
      }
      LockSupport.parkNanos(2_000_000);
    }
    return true;
  }

  /** Waits until so many calls are under way: have come to the server, or are held by the agent. */
  static void underWay(Provider provider, int calls) {
    if (!reached(10_000, () -> provider.arrived() + Insides.waiting() >= calls)) {
      throw new IllegalStateException(
          provider.arrived() + " arrived, " + Insides.waiting() + " wait; wanted " + calls);
    }
  }

  private static void dump() {
    StringBuilder stacks = new StringBuilder();
    Thread.getAllStackTraces()
        .forEach(
            (thread, stack) -> {
              stacks.append('\n').append(thread.getName());
              for (int i = 0; i < Math.min(12, stack.length); i++) {
                stacks.append("\n  ").append(stack[i]);
              }
            });
    System.err.println(stacks);
  }
}
