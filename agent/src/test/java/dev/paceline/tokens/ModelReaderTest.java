package dev.paceline.tokens;

import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.words.BodyFacts;
import dev.paceline.words.Endpoint;
import dev.paceline.words.Operation;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ModelReaderTest {
  private static final Endpoint OPENAI = new Endpoint("openai", Operation.GENERATION, "", "");

  private static BodyFacts read(String body) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    return ModelReader.read(OPENAI, bytes, bytes.length);
  }

  @Test
  void theTopLevelModelIsFoundBehindNestedOnes() {
    assertThat(
            read(
                "{\"messages\":[{\"model\":\"no\",\"content\":\"{\\\"model\\\":\\\"no\\\"}\"}],\"metadata\":{\"model\":\"no\"},\"model\":\"gpt-4o\",\"stream\":true}"))
        .isEqualTo(new BodyFacts("gpt-4o", true, false, false));
  }

  @Test
  void whatIsNoJsonObjectSaysNothing() {
    for (String body :
        new String[] {
          "",
          "  ",
          "--boundary\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper-1",
          "[{\"model\":\"m\"}]",
          "model=m",
          "\u0000\u0001",
          "{\"model\":3}",
          "{\"model\":\"\"}"
        }) {
      assertThat(read(body)).as(body).isEqualTo(new BodyFacts("unknown", false, false, false));
    }
  }

  @Test
  void aBodyThatBreaksOffGivesWhatWasRead() {
    assertThat(read("{\"model\":\"m\",\"stream\":true,\"messages\":[{\"role\":\"us"))
        .isEqualTo(new BodyFacts("m", true, false, false));
  }

  @Test
  void toolsAndServerStateAreSeen() {
    assertThat(read("{\"tools\":[{\"a\":[1,[2]]},{\"b\":1}],\"model\":\"m\"}"))
        .isEqualTo(new BodyFacts("m", false, true, false));
    assertThat(read("{\"tools\":[],\"model\":\"m\"}").tools()).isFalse();
    assertThat(read("{\"tools\":[[1],[2]],\"model\":\"m\"}"))
        .isEqualTo(new BodyFacts("m", false, true, false));
    assertThat(read("{\"toolConfig\":{\"tools\":[{}]},\"model\":\"m\"}"))
        .isEqualTo(new BodyFacts("m", false, true, false));
    for (String state :
        new String[] {
          "\"store\":true",
          "\"background\":true",
          "\"previous_response_id\":\"r\"",
          "\"conversation\":{\"id\":\"c\"}"
        }) {
      assertThat(read("{" + state + ",\"model\":\"m\"}"))
          .as(state)
          .isEqualTo(new BodyFacts("m", false, false, true));
    }
    for (String state :
        new String[] {
          "\"store\":false",
          "\"background\":false",
          "\"previous_response_id\":null",
          "\"conversation\":null"
        }) {
      assertThat(read("{" + state + ",\"model\":\"m\"}").serverState()).as(state).isFalse();
    }
  }

  @Test
  void thePathsModelWins() {
    Endpoint path = new Endpoint("azure-openai", Operation.GENERATION, "dep", "res/dep");
    byte[] body = "{\"model\":\"other\",\"stream\":true}".getBytes(StandardCharsets.UTF_8);
    assertThat(ModelReader.read(path, body, body.length))
        .isEqualTo(new BodyFacts("dep", true, false, false));
    assertThat(ModelReader.read(OPENAI, body, body.length).model()).isEqualTo("other");
  }

  @Test
  void anEscapedModelIsTheSameModel() {
    assertThat(read("{\"model\":\"meta-llama\\/llama-3\"}").model())
        .isEqualTo("meta-llama/llama-3");
    assertThat(read("{\"model\":\"\\u6a21\\u578b\"}").model()).isEqualTo("\u6a21\u578b");
    assertThat(read("{\"model\":\"half\\\\u12\"}").model()).isEqualTo("half\\u12");
  }

  @Test
  void anEndlessModelIsCut() {
    assertThat(read("{\"model\":\"" + "x".repeat(5_000) + "\"}").model()).hasSize(200);
  }

  @Test
  void aWarmReadOfFourKilobytesAllocatesLittle() {
    StringBuilder text = new StringBuilder("{\"messages\":[");
    while (text.length() < 4_000) {
      text.append(
          "{\"role\":\"user\",\"content\":\"Some words of a prompt, and some more of them.\"},");
    }
    byte[] body =
        text.append("{}],\"model\":\"gpt-4o\",\"stream\":true}")
            .toString()
            .getBytes(StandardCharsets.UTF_8);
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    long self = Thread.currentThread().getId();
    for (int i = 0; i < 20_000; i++) {
      ModelReader.read(OPENAI, body, body.length);
    }
    int reads = 10_000;
    long before = threads.getThreadAllocatedBytes(self);
    long began = System.nanoTime();
    for (int i = 0; i < reads; i++) {
      ModelReader.read(OPENAI, body, body.length);
    }
    long nanos = System.nanoTime() - began;
    long allocated = threads.getThreadAllocatedBytes(self) - before;
    System.out.println(
        "ModelReader, 4 KB: " + allocated / reads + " bytes, " + nanos / reads + " ns");
    assertThat(allocated / reads).isLessThanOrEqualTo(160);
  }
}
