package dev.paceline;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Map;
import java.util.Set;

/**
 * The rooms: who may use whom. The table is the one of ARCHITECTURE.md; everyone may use {@code
 * words}, {@code threads} and the records of {@code config}.
 */
@AnalyzeClasses(packages = "dev.paceline", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  private static final Map<String, Set<String>> MAY_USE =
      Map.ofEntries(
          Map.entry("bootstrap", Set.of()),
          Map.entry("words", Set.of()),
          Map.entry("threads", Set.of()),
          Map.entry("config", Set.of()),
          Map.entry("tokens", Set.of()),
          Map.entry("limit", Set.of()),
          Map.entry("retry", Set.of()),
          Map.entry("provider", Set.of()),
          Map.entry("sim", Set.of()),
          Map.entry("democlient", Set.of()),
          Map.entry("call", Set.of("provider", "retry", "limit", "tokens")),
          Map.entry("fleet", Set.of("limit")),
          Map.entry("record", Set.of("call")),
          Map.entry("replay", Set.of("call", "provider", "record", "sim")),
          Map.entry("diagnosis", Set.of()),
          Map.entry("metrics", Set.of("call", "diagnosis")),
          Map.entry("export", Set.of("metrics", "diagnosis", "call", "beside")),
          Map.entry("console", Set.of("metrics", "diagnosis")),
          Map.entry("jdkhttp", Set.of("call", "bootstrap")),
          Map.entry("okhttp", Set.of("call", "bootstrap", "beside")),
          Map.entry("beside", Set.of("bootstrap")),
          Map.entry("weave", Set.of("bootstrap")));

  private static final Set<String> KNOW_ALL = Set.of("agent", "cli");

  @ArchTest static final ArchRule dependenciesPointDown = classes().should(stayInTheirRooms());

  @ArchTest
  static final ArchRule thePureRoomsReadNoClock =
      noClasses()
          .that()
          .resideInAnyPackage(
              "dev.paceline.limit..",
              "dev.paceline.fleet",
              "dev.paceline.tokens..",
              "dev.paceline.retry..",
              "dev.paceline.provider..",
              "dev.paceline.words..",
              "dev.paceline.diagnosis..",
              "dev.paceline.call..",
              "dev.paceline.record..",
              "dev.paceline.replay..",
              "dev.paceline.sim")
          .should()
          .callMethod(System.class, "nanoTime")
          .orShould()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .callMethod(java.time.Instant.class, "now")
          .orShould()
          .callMethod(Thread.class, "sleep", long.class)
          .orShould()
          .callMethod(Math.class, "random");

  @ArchTest
  static final ArchRule nobodyLogsThroughALibrary =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("java.util.logging..", "org.slf4j..");

  @ArchTest
  static final ArchRule theCommandLineDoesNotWeave =
      noClasses()
          .that()
          .resideInAPackage("dev.paceline.cli..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("dev.paceline.weave..");

  private static String room(JavaClass c) {
    String rest =
        c.getPackageName()
            .substring(Math.min(c.getPackageName().length(), "dev.paceline.".length()));
    int dot = rest.indexOf('.');
    return dot < 0 ? rest : rest.substring(0, dot);
  }

  private static ArchCondition<JavaClass> stayInTheirRooms() {
    return new ArchCondition<>("use only the rooms below their own") {
      @Override
      public void check(JavaClass origin, ConditionEvents events) {
        String from = room(origin);
        if (KNOW_ALL.contains(from)) {
          return;
        }
        Set<String> allowed = MAY_USE.get(from);
        if (allowed == null) {
          events.add(
              SimpleConditionEvent.violated(
                  origin, origin.getName() + " is in a room that is not on the map: " + from));
          return;
        }
        origin.getDirectDependenciesFromSelf().stream()
            .filter(d -> d.getTargetClass().getPackageName().startsWith("dev.paceline"))
            .filter(
                d -> {
                  String to = room(d.getTargetClass());
                  boolean everyone =
                      to.equals("words")
                          || to.equals("threads")
                          || (to.equals("config")
                              && !from.equals("bootstrap")
                              && !from.equals("words"));
                  return !to.equals(from) && !everyone && !allowed.contains(to);
                })
            .forEach(d -> events.add(SimpleConditionEvent.violated(origin, d.getDescription())));
      }
    };
  }
}
