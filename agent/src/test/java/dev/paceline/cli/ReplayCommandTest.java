package dev.paceline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReplayCommandTest {
  @TempDir Path folder;

  private final Terminal terminal = new Terminal();

  private Path record(String name, String model, int calls) throws IOException {
    StringBuilder text = new StringBuilder("half a line\n");
    for (int i = 0; i < calls; i++) {
      text.append(
          "{\"v\":1,\"at\":"
              + (1_795_507_200_000L + i)
              + ",\"provider\":\"openai\",\"model\":\""
              + model
              + "\",\"in_est\":100,\"in\":100,\"out\":20,\"wait_ms\":1500,\"ms\":2000,\"attempts\":1,\"limited\":0,\"outcome\":\"success\"}\n");
    }
    return Files.writeString(folder.resolve(name), text);
  }

  private int replay(Object... args) {
    String[] all = new String[args.length + 1];
    all[0] = "replay";
    for (int i = 0; i < args.length; i++) {
      all[i + 1] = args[i].toString();
    }
    return terminal.run(all);
  }

  @Test
  void aTextSaysWhatFailsAndWaitsAndWhatIsNeeded() throws IOException {
    assertThat(replay(record("calls.jsonl", "gpt-4o", 180), "--rpm", "120")).isZero();

    assertThat(terminal.out())
        .contains("180 calls, Tuesday, 24 November 2026")
        .contains("lines that are none of a record: 1")
        .contains("gpt-4o (openai), calls: 180")
        .contains("with 120 RPM (bucket)")
        .containsPattern("wait p95 +1.5 s +2[3-7] s")
        .containsPattern(
            "this Tuesday needs [12]\\d\\d RPM to keep p95 of the waits below 2s; 120 is too small"
                + " by \\d+ %");
    assertThat(terminal.err()).isEmpty();
  }

  @Test
  void withoutALimitTheNeedsAreNamed() throws IOException {
    assertThat(replay(record("calls.jsonl", "gpt-4o", 50))).isZero();

    assertThat(terminal.out()).contains("RPM to keep").contains("TPM to keep");
    assertThat(terminal.out()).doesNotContain("wait p95");
  }

  @Test
  void jsonHasTheSameFigures() throws IOException {
    assertThat(replay(record("calls.jsonl", "gpt-4o", 180), "--rpm=120", "--json")).isZero();

    JsonValue.Obj json = (JsonValue.Obj) JsonTree.parse(terminal.out());
    assertThat(json.number("calls")).isEqualTo(180);
    assertThat(json.number("bad_lines")).isEqualTo(1);
    JsonValue.Obj model = json.objects("models").get(0);
    JsonValue.Obj replayed = (JsonValue.Obj) model.get("replayed").orElseThrow();
    assertThat(replayed.number("wait_p95_seconds")).isBetween(23.0, 27.0);
    assertThat(model.objects("needs").get(0).text("limit")).contains("rpm");
  }

  @Test
  void thePictureIsWellFormed() throws Exception {
    Path svg = folder.resolve("out.svg");
    Path calls = record("calls.jsonl", "gpt-4o", 180);
    assertThat(replay(calls, "--tpm", "10k", "--rpm", "120", "--svg", svg)).isZero();

    assertThat(
            DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(svg.toFile())
                .getDocumentElement()
                .getTagName())
        .isEqualTo("svg");
    assertThat(Files.readString(svg)).contains("limit").contains("wait p95");
  }

  @Test
  void severalFilesAndModelsAreTakenTogetherAndApart() throws IOException {
    Path first = record("calls.jsonl", "gpt-4o", 30);
    Path second = record("calls.jsonl.1", "gpt-4o-mini", 20);
    assertThat(replay(first, second)).isZero();
    assertThat(terminal.out()).contains("50 calls").contains("gpt-4o-mini (openai), calls: 20");

    Terminal other = new Terminal();
    assertThat(other.run("replay", first.toString(), second.toString(), "--model", "*mini"))
        .isZero();
    assertThat(other.out()).contains("20 calls").contains("calls of other models: 30");
  }

  @Test
  void anEmptyFileIsSaidToBe() throws IOException {
    Path empty = Files.writeString(folder.resolve("empty"), "");
    assertThat(replay(empty)).isEqualTo(Command.FAILED);
    assertThat(terminal.err()).contains("no calls");
    assertThat(terminal.out()).isEmpty();
  }

  @Test
  void aMissingFileIsNamed() {
    assertThat(replay(folder.resolve("absent"))).isEqualTo(Command.FAILED);
    assertThat(terminal.err()).contains("no such file").contains("absent");
  }

  @ParameterizedTest
  @CsvSource({
    "--rpm,needs a value",
    "--rpm x,whole number",
    "--rpm 0,whole number",
    "--tpm -5,whole number",
    "--window round,'bucket, fixed or sliding'",
    "--agent maybe,on or off",
    "--target soon,a time",
    "--json=1,switch"
  })
  void whatIsNotUnderstoodIsRefused(String options, String why) throws IOException {
    Path calls = record("calls.jsonl", "gpt-4o", 1);
    assertThat(replay((Object[]) (calls + " " + options).split(" "))).isEqualTo(Command.USAGE);
    assertThat(terminal.err()).contains(why).contains("usage: ");
  }

  @Test
  void withoutAFileTheUsageIsShown() {
    assertThat(replay()).isEqualTo(Command.USAGE);
    assertThat(terminal.err()).contains("which file?");
  }
}
