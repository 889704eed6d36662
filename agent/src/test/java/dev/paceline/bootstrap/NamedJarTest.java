package dev.paceline.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NamedJarTest {
  @TempDir Path folder;

  @Test
  void theJarOnTheBootPathRunsWhenItIsTheOneThatWasNamed() throws IOException {
    File jar = jar("paceline-agent.jar", "1", "a");

    NamedJar chosen = NamedJar.choose(jar, List.of(jar), jar, true, List.of());

    assertThat(chosen.file).isEqualTo(jar);
    assertThat(chosen.onBootPath).isTrue();
  }

  @Test
  void anotherJarBesideTheNamedOneIsNeverRunInItsPlace() throws IOException {
    File named = jar("agent-2.jar", "2", "b");
    File old = jar("paceline-agent.jar", "1", "a");

    NamedJar chosen = NamedJar.choose(old, List.of(named), named, true, List.of());

    assertThat(chosen.file).isNull();
    assertThat(chosen.line).contains(named + " (2) was named", old + " (1)", "does nothing");
  }

  @Test
  void alsoWhenThePremainThatRunsIsTheOtherJars() throws IOException {
    File named = jar("agent-2.jar", "2", "b");
    File old = jar("paceline-agent.jar", "1", "a");

    NamedJar chosen = NamedJar.choose(old, List.of(named), old, true, List.of());

    assertThat(chosen.file).isNull();
    assertThat(chosen.line).contains("does nothing");
  }

  /** The boot loader's classes are the same: all others come from the named jar. */
  @Test
  void aJarWithTheSameBootClassesIsRunFromWhereItWasNamed() throws IOException {
    File named = jar("agent-2.jar", "2", "a");
    File old = jar("paceline-agent.jar", "1", "a");

    NamedJar chosen = NamedJar.choose(old, List.of(named), named, true, List.of());

    assertThat(chosen.file).isEqualTo(named);
    assertThat(chosen.onBootPath).isTrue();
  }

  @Test
  void ofTwoAgentsTheOneWhoseClassesAreThereStarts() throws IOException {
    File first = jar("one/paceline-agent.jar", "1", "a");
    File second = jar("two/paceline-agent.jar", "2", "b");

    assertThat(NamedJar.choose(first, List.of(first, second), first, true, List.of()).file)
        .isEqualTo(first);
  }

  @Test
  void aJarOnTheApplicationsClassPathWasNotNamed() throws IOException {
    File named = jar("agent-2.jar", "2", "b");
    File old = jar("paceline-agent.jar", "1", "a");

    assertThat(NamedJar.choose(named, List.of(old, named), named, true, List.of(old)).file)
        .isEqualTo(named);
    assertThat(NamedJar.choose(old, List.of(old, named), old, true, List.of(old)).line)
        .contains("does nothing");
    assertThat(NamedJar.choose(null, List.of(old, named), old, false, List.of(old)).line)
        .contains("does nothing");
  }

  @Test
  void aJarOfAnotherNameIsPutOnTheBootPath() throws IOException {
    File named = jar("agent-2.jar", "2", "b");

    NamedJar chosen = NamedJar.choose(null, List.of(named), named, false, List.of());

    assertThat(chosen.file).isEqualTo(named);
    assertThat(chosen.onBootPath).isFalse();
  }

  @Test
  void classesThatWereAppendedWhileTheJvmRanStayInCharge() throws IOException {
    File named = jar("agent-2.jar", "2", "b");

    NamedJar chosen = NamedJar.choose(null, List.of(named), named, true, List.of());

    assertThat(chosen.file).isNull();
    assertThat(chosen.line).contains("attached twice");
  }

  private File jar(String name, String version, String bootClass) throws IOException {
    Path path = folder.resolve(name);
    Files.createDirectories(path.getParent());
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().put(Attributes.Name.IMPLEMENTATION_VERSION, version);
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(path), manifest)) {
      out.putNextEntry(new JarEntry("dev/paceline/bootstrap/Bridge.class"));
      out.write(bootClass.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
      out.putNextEntry(new JarEntry("inst/hidden.classdata"));
      out.write(version.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    }
    return path.toFile().getCanonicalFile();
  }
}
