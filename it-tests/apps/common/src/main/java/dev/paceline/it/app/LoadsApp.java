package dev.paceline.it.app;

/** Loads the classes of its arguments, in two class loaders of its own. */
public final class LoadsApp {
  private LoadsApp() {}

  public static void main(String[] names) throws Exception {
    for (int i = 0; i < 2; i++) {
      ClassLoader loader = Lent.loader();
      for (String name : names) {
        System.out.println(loader.loadClass(name).getName());
      }
    }
  }
}
