package dev.paceline.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.weave.OkHttpVersion;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every scenario on every version of OkHttp. */
class OkHttpVersionsTest {
  static final List<String> VERSIONS =
      List.of("3.14.0", "3.14.9", "4.0.0", "4.12.0", "5.0.0", "5.5.1");
  private static final List<String> SCENARIOS =
      List.of(
          "Sending",
          "Streaming",
          "Waiting",
          "Enqueueing",
          "Leaving",
          "Building",
          "Bodies",
          "Answering");

  @TestFactory
  Stream<DynamicContainer> versions() {
    return VERSIONS.stream()
        .filter(version -> version.equals(System.getProperty("okhttp", version)))
        .map(version -> DynamicContainer.dynamicContainer("OkHttp " + version, tests(version)));
  }

  private static List<DynamicTest> tests(String version) {
    WovenLoader loader = new WovenLoader(version, true);
    List<DynamicTest> tests = new ArrayList<>();
    for (String name : SCENARIOS) {
      Class<?> type = load(loader, name);
      Arrays.stream(type.getDeclaredMethods())
          .filter(m -> java.lang.reflect.Modifier.isPublic(m.getModifiers()))
          .filter(
              m -> m.getParameterCount() == 0 && !m.isSynthetic() && !m.getName().equals("close"))
          .filter(m -> m.getName().matches(System.getProperty("scenario", ".*")))
          .sorted(Comparator.comparing(Method::getName))
          .forEach(m -> tests.add(DynamicTest.dynamicTest(m.getName(), () -> run(type, m))));
    }
    return tests;
  }

  private static Class<?> load(ClassLoader loader, String name) {
    try {
      return Class.forName("dev.paceline.okhttp.scenario." + name, true, loader);
    } catch (ClassNotFoundException e) {
      throw new AssertionError(e);
    }
  }

  private static void run(Class<?> type, Method scenario) throws Throwable {
    try (AutoCloseable instance = (AutoCloseable) type.getDeclaredConstructor().newInstance()) {
      scenario.invoke(instance);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"3.14.0", "3.14.9", "4.0.0", "4.12.0", "5.0.0", "5.5.1"})
  void fromThreeFourteenOnItIsHooked(String version) {
    assertThat(OkHttpVersion.supported(new WovenLoader(version, false))).isTrue();
  }

  @Test
  void beforeThreeFourteenItIsLeftAlone() {
    assertThat(OkHttpVersion.supported(new WovenLoader("3.13.1", false))).isFalse();
  }
}
