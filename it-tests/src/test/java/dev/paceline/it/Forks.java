package dev.paceline.it;

import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** Several JVMs at the same time. */
final class Forks {
  private Forks() {}

  /** Starts so many and waits for all of them; none outlives a failure. */
  static List<Ended> run(int count, IntFunction<AgentJvm> jvm) {
    List<Forked> forks = IntStream.range(0, count).mapToObj(i -> jvm.apply(i).start()).toList();
    try {
      return forks.stream().map(Forked::await).toList();
    } finally {
      forks.forEach(Forked::close);
    }
  }
}
