package dev.paceline.it.app;

import java.util.TreeSet;

/** Uses no HTTP client at all. Says which threads live. */
public final class HelloWorld {
  private HelloWorld() {}

  public static void main(String[] args) {
    TreeSet<String> names = new TreeSet<>();
    Thread.getAllStackTraces().keySet().forEach(thread -> names.add(thread.getName()));
    System.out.println("hello, world");
    System.out.println("threads " + names);
  }
}
