package dev.paceline.it.app;

import java.io.IOException;

/** Makes no call, and ends when it is told to. */
public final class IdleApp {
  private IdleApp() {}

  public static void main(String[] args) throws IOException {
    System.out.println("ready");
    System.in.read();
  }
}
