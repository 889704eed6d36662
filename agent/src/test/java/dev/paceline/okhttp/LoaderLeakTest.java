package dev.paceline.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A client is built, not called: OkHttp's own threads keep a loader alive, with or without an
 * agent.
 */
class LoaderLeakTest {
  private final List<Object> held = new ArrayList<>();

  @ParameterizedTest
  @ValueSource(strings = {"3.14.9", "4.12.0", "5.5.1"})
  void theAgentKeepsNoApplicationLoaderAlive(String version) throws Exception {
    try (Fixture agent = new Fixture()) {
      assertThat(alive(loaders(agent, version, false))).isZero();
      assertThat(agent.faults).isEmpty();
    }
  }

  /** The negative control: a loader that something holds is seen to be alive. */
  @Test
  void aHookThatIsHeldKeepsItsLoaderAlive() throws Exception {
    try (Fixture agent = new Fixture()) {
      assertThat(alive(loaders(agent, "4.12.0", true))).isEqualTo(3);
      assertThat(held).hasSize(3);
      assertThat(agent.faults).isEmpty();
    }
  }

  private List<WeakReference<ClassLoader>> loaders(Fixture agent, String version, boolean hold)
      throws Exception {
    List<WeakReference<ClassLoader>> loaders = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      WovenLoader loader = new WovenLoader(version, true);
      Object client =
          Class.forName("okhttp3.OkHttpClient", true, loader).getConstructor().newInstance();
      Object hook = agent.beside(client);
      assertThat(hook).as("it is hooked").isNotSameAs(Inert.HOOK);
      if (hold) {
        held.add(hook);
      }
      loaders.add(new WeakReference<>(loader));
      loader.close();
    }
    return loaders;
  }

  private static long alive(List<WeakReference<ClassLoader>> loaders) {
    for (int i = 0; i < 20 && loaders.stream().anyMatch(l -> l.get() != null); i++) {
      System.gc();
      System.runFinalization();
    }
    return loaders.stream().filter(l -> l.get() != null).count();
  }
}
