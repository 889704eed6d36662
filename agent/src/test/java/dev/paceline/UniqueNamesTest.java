package dev.paceline;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** A simple name stands for one class in the whole jar, so that a search for it finds one thing. */
class UniqueNamesTest {
  @Test
  void noTwoTopLevelClassesShareASimpleName() {
    Map<String, List<String>> byName = new TreeMap<>();
    for (JavaClass c :
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.paceline")) {
      if (c.isTopLevelClass() && !c.getSimpleName().equals("package-info")) {
        byName.computeIfAbsent(c.getSimpleName(), k -> new ArrayList<>()).add(c.getName());
      }
    }
    assertThat(byName).isNotEmpty();
    byName.values().removeIf(names -> names.size() == 1);
    assertThat(byName).isEmpty();
  }
}
