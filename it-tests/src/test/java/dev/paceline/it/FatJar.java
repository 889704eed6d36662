package dev.paceline.it;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import java.util.zip.CRC32;

/** A Spring Boot jar as its plugin lays it out: the launcher unpacked, libraries stored. */
final class FatJar {
  private FatJar() {}

  /**
   * @param classes a folder of the application's own classes; need not exist
   * @return {@code jar}
   */
  static Path write(Path jar, String start, Path classes, List<Path> libraries) throws IOException {
    Manifest manifest = new Manifest();
    Attributes main = manifest.getMainAttributes();
    main.put(Attributes.Name.MANIFEST_VERSION, "1.0");
    main.put(Attributes.Name.MAIN_CLASS, "org.springframework.boot.loader.launch.JarLauncher");
    main.putValue("Start-Class", start);
    main.putValue("Spring-Boot-Classes", "BOOT-INF/classes/");
    main.putValue("Spring-Boot-Lib", "BOOT-INF/lib/");
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream out = new JarOutputStream(file, manifest)) {
      try (JarFile launcher = new JarFile(AgentJvm.jarsOf("fat-jar").get(0).toFile())) {
        for (Enumeration<JarEntry> all = launcher.entries(); all.hasMoreElements(); ) {
          JarEntry entry = all.nextElement();
          if (entry.getName().endsWith(".class")) {
            out.putNextEntry(new JarEntry(entry.getName()));
            launcher.getInputStream(entry).transferTo(out);
          }
        }
      }
      out.putNextEntry(new JarEntry("BOOT-INF/classes/"));
      if (Files.isDirectory(classes)) {
        try (Stream<Path> all = Files.walk(classes)) {
          for (Path one : all.filter(Files::isRegularFile).toList()) {
            out.putNextEntry(
                new JarEntry("BOOT-INF/classes/" + classes.relativize(one).toString()));
            Files.copy(one, out);
          }
        }
      }
      out.putNextEntry(new JarEntry("BOOT-INF/lib/"));
      for (Path library : libraries) {
        byte[] bytes = Files.readAllBytes(library);
        CRC32 sum = new CRC32();
        sum.update(bytes);
        JarEntry entry = new JarEntry("BOOT-INF/lib/" + library.getFileName());
        entry.setMethod(JarEntry.STORED);
        entry.setSize(bytes.length);
        entry.setCrc(sum.getValue());
        out.putNextEntry(entry);
        out.write(bytes);
      }
    }
    return jar;
  }
}
