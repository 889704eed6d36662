package dev.paceline.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigReaderTest {
  private static final long SECOND = 1_000_000_000L;

  @Test
  void withNothingSetEveryKeyHasItsBuiltInValue() {
    Settings settings = Settings.defaults();

    assertThat(settings.problems()).isEmpty();
    assertThat(settings.all())
        .hasSameSizeAs(Keys.all())
        .allMatch(setting -> setting.source() == Source.BUILT_IN);
    assertThat(settings.policyForAll())
        .isEqualTo(
            new Policy(
                true,
                Mode.ENFORCE,
                6,
                60 * SECOND,
                false,
                150 * SECOND,
                SECOND,
                SECOND / 2,
                60 * SECOND,
                0.25,
                OnDeadline.AUTO,
                ""));
    assertThat(settings.consolePort()).isEqualTo(OptionalInt.of(19429));
    assertThat(settings.get(Keys.CONSOLE_HOST)).isEqualTo("127.0.0.1");
    assertThat(settings.sources()).isEmpty();
  }

  @Test
  void theStrongestSourceWins() {
    Given all =
        Given.nothing()
            .file(
                "paceline.max-attempts=1\n"
                    + "paceline.max-wait=1s\n"
                    + "paceline.mode=observe\n"
                    + "paceline.log=warn\n")
            .environment("PACELINE_MAX_ATTEMPTS", "2")
            .environment("PACELINE_MAX_WAIT", "2s")
            .environment("PACELINE_MODE", "enforce")
            .arguments("max-attempts=3;paceline.max-wait=3s")
            .system("max-attempts", "4");
    Settings settings = all.read();

    assertThat(settings.problems()).isEmpty();
    assertThat(settings.setting(Keys.MAX_ATTEMPTS))
        .isEqualTo(new Setting<>("max-attempts", 4, "4", Source.SYSTEM_PROPERTY));
    assertThat(settings.setting(Keys.MAX_WAIT))
        .isEqualTo(new Setting<>("max-wait", 3 * SECOND, "3s", Source.AGENT_ARGUMENT));
    assertThat(settings.setting(Keys.MODE).source()).isEqualTo(Source.ENVIRONMENT);
    assertThat(settings.setting(Keys.LOG))
        .isEqualTo(new Setting<>("log", LogLevel.WARN, "warn", Source.FILE));
    assertThat(settings.sources())
        .containsExactly(
            Source.SYSTEM_PROPERTY, Source.AGENT_ARGUMENT, Source.ENVIRONMENT, Source.FILE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"5", "soon", "-1s", "400d"})
  void aBadValueIsOneLineThatNamesKeyValueSourceAndWhatIsAccepted(String value) {
    Settings settings =
        Given.nothing().system("max-wait", value).environment("PACELINE_MAX_WAIT", "5s").read();

    assertThat(settings.problems())
        .singleElement()
        .satisfies(problem -> assertThat(problem.kind()).isEqualTo(Problem.Kind.BAD_VALUE))
        .extracting(Problem::line)
        .isEqualTo(
            "system property paceline.max-wait: \""
                + value
                + "\" is not understood; accepted: a duration such as 250ms, 5s, 2m, 1h or PT5S;"
                + " using the default 60s");
    assertThat(settings.setting(Keys.MAX_WAIT))
        .isEqualTo(new Setting<>("max-wait", 60 * SECOND, "60s", Source.BUILT_IN));
    assertThat(settings.policyForAll().maxWaitTyped()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "max-attempts,0",
    "max-attempts,101",
    "backoff.initial,0",
    "backoff.jitter,2",
    "console.port,70000",
    "console.port,-1",
    "console.host,a b",
    "log,loud",
    "metrics.max-models,0",
    "replay.max-bytes,8M"
  })
  void valuesOutOfRangeAreBadAndDefaulted(String key, String value) {
    Settings settings = Given.nothing().environment(Key.environmentVariable(key), value).read();

    assertThat(settings.problems())
        .singleElement()
        .extracting(Problem::line)
        .asString()
        .startsWith(
            "environment variable "
                + Key.environmentVariable(key)
                + ": \""
                + value
                + "\" is not understood; accepted: ");
    assertThat(settings.all()).allMatch(setting -> setting.source() == Source.BUILT_IN);
  }

  @Test
  void aValueWithControlCharactersStaysOneLine() {
    Settings settings = Given.nothing().system("mode", "a\nb" + "x".repeat(5000)).read();

    assertThat(settings.problems().get(0).line())
        .contains("\"a?bxxx")
        .doesNotContain("\n")
        .hasSizeLessThan(400);
  }

  @Test
  void unknownKeysOfEverySourceAreNamedWithTheNearestOne() {
    Settings settings =
        Given.nothing()
            .file("paceline.backof.cap=5s\nmode=enforce\n")
            .environment("PACELINE_MAX_WIAT", "5s")
            .environment("PACELINE_RULE_GPT_MODLE", "gpt*")
            .arguments("console.prot=1;gizmo=2")
            .system("hosts.extra", "x")
            .system("rule.a.modell", "x")
            .system("rule.gpt-4.1.model", "x")
            .read();

    assertThat(settings.problems())
        .allMatch(problem -> problem.kind() == Problem.Kind.UNKNOWN_KEY)
        .extracting(Problem::line)
        .containsExactly(
            "system property: unknown key paceline.hosts.extra",
            "system property: unknown key paceline.rule.a.modell; did you mean"
                + " paceline.rule.a.model?",
            "system property: paceline.rule.gpt-4.1.model is ignored; a rule's id may hold a-z, 0-9"
                + " and -",
            "agent argument: unknown key console.prot; did you mean console.port?",
            "agent argument: unknown key gizmo",
            "environment variable: unknown key PACELINE_MAX_WIAT; did you mean PACELINE_MAX_WAIT?",
            "environment variable: unknown key PACELINE_RULE_GPT_MODLE; did you mean"
                + " PACELINE_RULE_GPT_MODEL?",
            "file: unknown key paceline.backof.cap; did you mean paceline.backoff.cap?");
  }

  @Test
  void theValueOfAnUnknownKeyIsNeverShown() {
    Settings settings = Given.nothing().environment("PACELINE_API_KEY", "canary-secret").read();

    assertThat(settings.problems())
        .singleElement()
        .extracting(Problem::line)
        .asString()
        .doesNotContain("canary");
  }

  @Test
  void variablesOfAKubernetesServiceNamedLikeUsAreNotOurs() {
    Settings settings =
        Given.nothing()
            .environment("PACELINE_CONSOLE_PORT", "tcp://10.0.0.7:19429")
            .environment("PACELINE_CONSOLE_PORT_19429_TCP", "tcp://10.0.0.7:19429")
            .environment("PACELINE_CONSOLE_PORT_19429_TCP_PROTO", "tcp")
            .environment("PACELINE_CONSOLE_SERVICE_HOST", "10.0.0.7")
            .environment("PACELINE_CONSOLE_SERVICE_PORT", "19429")
            .environment("PACELINE_CONSOLE_SERVICE_PORT_HTTP", "19429")
            .read();

    assertThat(settings.problems()).isEmpty();
    assertThat(settings.consolePort()).hasValue(19429);
  }

  @Test
  void otherPropertiesAndVariablesAreNotLookedAt() {
    Inputs inputs =
        new Inputs(
            Map.of("pacelines.mode", "x", "java.version", "17", "paceline.agent.jar", "/x.jar"),
            "",
            Map.of("PACELINES", "x", "PATH", "y"));

    assertThat(ConfigReader.read(inputs, new FakeFiles()).problems()).isEmpty();
  }

  @Test
  void anEmptyValueIsTheSameAsNone() {
    Settings settings =
        Given.nothing().environment("PACELINE_MAX_WAIT", " ").system("mode", "").read();

    assertThat(settings.problems()).isEmpty();
    assertThat(settings.sources()).isEmpty();
  }

  @Test
  void aBareSwitchMeansTrue() {
    Settings settings = Given.nothing().system("force", "").arguments("config.strict").read();

    assertThat(settings.get(Keys.FORCE)).isTrue();
    assertThat(settings.get(Keys.CONFIG_STRICT)).isTrue();
    assertThat(settings.enabled()).isTrue();
  }

  @Test
  void keysThatAreReadTooEarlyForASourceAreRefusedThere() {
    Settings settings =
        Given.nothing()
            .file("paceline.config.file=/other\n")
            .environment("PACELINE_FORCE", "true")
            .read();

    assertThat(settings.problems())
        .extracting(Problem::line)
        .containsExactly(
            "environment variable: paceline.force cannot be set here, only as system property",
            "file: paceline.config.file cannot be set here, only as system property or agent"
                + " argument or environment variable");
    assertThat(settings.get(Keys.FORCE)).isFalse();
  }

  @Test
  void strictnessSwitchesTheAgentOffWhateverIsWrong() {
    Settings settings =
        Given.nothing().system("config.strict", "true").system("max-wiat", "5s").read();

    assertThat(settings.enabled()).isFalse();
    assertThat(settings.policyFor("openai", "gpt-4o", "api.openai.com").enabled()).isFalse();
    assertThat(settings.problems())
        .last()
        .extracting(Problem::line)
        .asString()
        .contains("config.strict")
        .contains("switched off");
  }

  @Test
  void aFileThatCannotBeReadIsOneProblem() {
    Settings settings =
        Given.nothing().system("config.file", "/nowhere").system("max-attempts", "3").read();

    assertThat(settings.problems())
        .singleElement()
        .extracting(Problem::kind)
        .isEqualTo(Problem.Kind.FILE);
    assertThat(settings.get(Keys.MAX_ATTEMPTS)).isEqualTo(3);
  }

  @Test
  void aFileThatIsNoPropertiesFileIsOneProblem() {
    Settings settings = Given.nothing().file("paceline.mode=\\u12\n").read();

    assertThat(settings.problems())
        .singleElement()
        .extracting(Problem::kind)
        .isEqualTo(Problem.Kind.FILE);
  }

  @Test
  void thePrefixMayBeLeftOutInAFileAndTwiceIsNoted() {
    Settings settings = Given.nothing().file("max-attempts=2\nmax-wait=1s\nmax-wait=2s\n").read();

    assertThat(settings.get(Keys.MAX_ATTEMPTS)).isEqualTo(2);
    assertThat(settings.get(Keys.MAX_WAIT)).isEqualTo(2 * SECOND);
    assertThat(settings.problems())
        .singleElement()
        .satisfies(problem -> assertThat(problem.serious()).isFalse());
  }

  @Test
  void hostsAreMappedAndABadEntryCostsOnlyItself() {
    ProviderNames names =
        name ->
            switch (name) {
              case "openai", "anthropic" -> Optional.of(name);
              case "azure" -> Optional.of("azure-openai");
              default -> Optional.empty();
            };
    String hosts =
        "LLM.corp.example=openai,"
            + " gw.corp/anthropic/=anthropic,*.corp=azure,127.0.0.1:8080=anthropic,nonsense,x.corp=opnai,[::1]:9=openai";
    Settings settings =
        ConfigReader.read(Given.nothing().system("hosts", hosts).inputs(), new FakeFiles(), names);

    assertThat(settings.get(Keys.HOSTS))
        .containsExactly(
            new HostMapping("llm.corp.example", HostMapping.ANY_PORT, "", "openai"),
            new HostMapping("gw.corp", HostMapping.ANY_PORT, "/anthropic/", "anthropic"),
            new HostMapping("*.corp", HostMapping.ANY_PORT, "", "azure-openai"),
            new HostMapping("127.0.0.1", 8080, "", "anthropic"),
            new HostMapping("[::1]", 9, "", "openai"));
    assertThat(settings.problems())
        .extracting(Problem::line)
        .satisfiesExactly(
            line ->
                assertThat(line).contains("\"nonsense\"").contains("host[:port][/path]=provider"),
            line -> assertThat(line).contains("\"x.corp=opnai\"").contains("no such provider"));
  }

  @Test
  void tagsMayNotRepeatOurOwn() {
    Settings settings =
        Given.nothing().system("metrics.tags", "service=checkout,model=x,team=search,bad").read();

    assertThat(settings.get(Keys.METRICS_TAGS))
        .isEqualTo(Map.of("service", "checkout", "team", "search"));
    assertThat(settings.problems()).hasSize(2);
  }

  @Test
  void replayMemoryIsASmallShareOfASmallHeap() {
    long mib = 1 << 20;

    assertThat(Settings.defaults().replayMaxBytes(256 * mib)).isEqualTo(256 * mib / 20);
    assertThat(Settings.defaults().replayMaxBytes(64 * 1024 * mib)).isEqualTo(64 * mib);
    assertThat(Given.nothing().system("replay.max-bytes", "16MiB").read().replayMaxBytes(256 * mib))
        .isEqualTo(16 * mib);
  }

  @Test
  void aSingleWaitLongerThanAllTogetherIsNotedButNoReasonToSwitchOff() {
    Settings settings =
        Given.nothing().system("max-wait", "5m").system("config.strict", "true").read();

    assertThat(settings.problems())
        .singleElement()
        .extracting(Problem::line)
        .asString()
        .contains("max-call-wait=150s");
    assertThat(settings.enabled()).isTrue();
  }

  @Property(tries = 200)
  void nothingThatIsTypedMakesReadingThrow(
      @ForAll Map<String, String> system,
      @ForAll String arguments,
      @ForAll Map<String, String> environment,
      @ForAll String file) {
    Given given = Given.nothing().arguments(arguments).file(file);
    system.forEach(given::system);
    environment.forEach((name, value) -> given.environment("PACELINE_" + name, value));
    Settings settings = given.system("config.file", "/f").read();

    assertThat(settings.all()).hasSizeGreaterThanOrEqualTo(Keys.all().size());
    assertThat(settings.problems()).allMatch(problem -> problem.line().lines().count() == 1);
  }

  @ParameterizedTest
  @CsvSource({
    "llm-*.corp=openai,true",
    "https://llm.corp:8443/v1=openai,true",
    "*=openai,false",
    "*:8080=openai,false",
    "https://*/v1=openai,false",
    "*.=openai,false",
    "*.corp=openai,true",
    "*.*.corp=openai,false",
    "llm.corp:0=openai,false",
    "llm.corp:65536=openai,false",
    "llm.corp=,false",
    "=openai,false",
    "user@llm.corp=openai,false",
    "a=b=c,false"
  })
  void aHostMayHoldOneStar(String entry, boolean good) {
    assertThat(Given.nothing().system("hosts", entry).read().problems().isEmpty()).isEqualTo(good);
  }

  @Test
  void whatAMappingPrintsIsReadAgainTheSame() {
    String hosts = "llm-*.corp=openai,gw.corp:8443/a/=anthropic,[::1]:9=openai";
    List<HostMapping> mappings = Given.nothing().system("hosts", hosts).read().get(Keys.HOSTS);

    assertThat(String.join(",", mappings.stream().map(HostMapping::toString).toList()))
        .isEqualTo(hosts);
  }

  /** Somebody who mistypes observe, or false, did not ask for pacing. */
  @ParameterizedTest
  @CsvSource({"obsreve", "observed", "off", "dry-run"})
  void aMistypedModeObserves(String typed) {
    Settings settings =
        Given.nothing()
            .system("mode", typed)
            .system("rule.a.model", "gpt*")
            .system("rule.a.mode", typed)
            .read();
    assertThat(settings.mode()).isEqualTo(Mode.OBSERVE);
    assertThat(settings.policyFor("openai", "gpt-4o", "h").mode()).isEqualTo(Mode.OBSERVE);
    assertThat(settings.problems())
        .extracting(Problem::line)
        .hasSize(2)
        .allMatch(line -> line.endsWith("; taken as observe"));
  }

  @Test
  void aMistypedSwitchIsOff() {
    Settings settings = Given.nothing().system("enabled", "flase").read();
    assertThat(settings.enabled()).isFalse();
    assertThat(settings.problems().get(0).line()).endsWith("; taken as false");
  }

  @Test
  void whatStandsBeforeAHostIsNeverShown() {
    Settings settings =
        Given.nothing().system("hosts", "https://user:fake-secret@gw=openai,a:fake@b=x").read();
    assertThat(settings.problems())
        .extracting(Problem::line)
        .hasSize(2)
        .allMatch(line -> line.contains("***@"));
    assertThat(settings.problems().toString() + settings.all()).doesNotContain("fake");
  }
}
