package dev.paceline.agent;

/** Makes the agent's threads: daemons that keep nothing of the application alive. */
final class AgentThreads {
  private AgentThreads() {}

  /**
   * A daemon thread without the creator's thread locals and without a context class loader: else it
   * would pin the application's loader.
   */
  static Thread daemon(String name, Runnable task) {
    Thread thread = new Thread(null, task, "paceline-" + name, 0, false);
    thread.setDaemon(true);
    thread.setContextClassLoader(null);
    return thread;
  }
}
