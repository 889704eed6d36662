import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassWriter;
import net.bytebuddy.jar.asm.commons.ClassRemapper;
import net.bytebuddy.jar.asm.commons.Remapper;

/**
 * Gives the Redis client names of our own in the jar's hidden classes: other agents look for it by
 * name in any loader, and would trace our exchanges as the application's. What none of our classes
 * reaches is left out.
 */
final class Relocate {
  private static final List<String> FROM = List.of("redis/clients/", "org/slf4j/");
  private static final String TO = "dev/paceline/shaded/";
  private static final String SUFFIX = ".classdata";

  private final Path root;

  private Relocate(Path root) {
    this.root = root;
  }

  public static void main(String[] arguments) throws IOException {
    new Relocate(Path.of(arguments[0])).run();
  }

  private static boolean moves(String name) {
    return FROM.stream().anyMatch(name::startsWith);
  }

  private static String moved(String name) {
    return moves(name) ? TO + name : name;
  }

  private Path file(String name) {
    return root.resolve(name + SUFFIX);
  }

  private void run() throws IOException {
    Map<String, byte[]> rewritten = new HashMap<>();
    ArrayDeque<String> todo = new ArrayDeque<>();
    try (Stream<Path> all = Files.walk(root.resolve("dev/paceline/fleet"))) {
      for (Path path : all.filter(one -> one.toString().endsWith(SUFFIX)).sorted().toList()) {
        String name = root.relativize(path).toString().replace('\\', '/');
        todo.add(name.substring(0, name.length() - SUFFIX.length()));
      }
    }
    Set<String> seen = new HashSet<>(todo);
    while (!todo.isEmpty()) {
      String name = todo.poll();
      if (!Files.exists(file(name))) {
        continue; // an optional library of the client's
      }
      ClassReader reader = new ClassReader(Files.readAllBytes(file(name)));
      ClassWriter writer = new ClassWriter(0);
      Remapper names =
          new Remapper() {
            @Override
            public String map(String internalName) {
              if (moves(internalName) && seen.add(internalName)) {
                todo.add(internalName);
              }
              return moved(internalName);
            }
          };
      reader.accept(new ClassRemapper(writer, names), 0);
      rewritten.put(name, writer.toByteArray());
    }
    for (String from : FROM) {
      Path folder = root.resolve(from);
      delete(folder);
      folder.getParent().toFile().delete(); // stays where others are in it
    }
    for (Map.Entry<String, byte[]> one : rewritten.entrySet()) {
      Path to = file(moved(one.getKey()));
      Files.createDirectories(to.getParent());
      Files.write(to, one.getValue());
    }
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    List<Path> all;
    try (Stream<Path> walk = Files.walk(folder)) {
      all = walk.sorted((a, b) -> b.compareTo(a)).toList();
    }
    for (Path path : all) {
      Files.delete(path);
    }
  }
}
