package dev.paceline.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecordFormatTest {
  private static final CallRecord CALL =
      new CallRecord(1, "openai", "gpt-4o", 5, 0, -1, -1, -1, 0, 20, 15, 1, 0, "success");

  private static String line(CallRecord call) {
    StringBuilder line = new StringBuilder();
    RecordFormat.append(line, call);
    return line.toString();
  }

  private static RecordReader read(byte[] bytes, List<CallRecord> calls) {
    RecordReader reader = new RecordReader();
    try {
      reader.read(new ByteArrayInputStream(bytes), calls::add);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return reader;
  }

  private static RecordReader read(String text, List<CallRecord> calls) {
    return read(text.getBytes(StandardCharsets.UTF_8), calls);
  }

  @Test
  void aLineIsAsDocumented() {
    assertThat(line(CALL))
        .isEqualTo(
            "{\"v\":1,\"at\":1,\"provider\":\"openai\",\"model\":\"gpt-4o\",\"size\":\"64\",\"in_est\":5,\"out_est\":0,\"wait_ms\":0,\"ms\":20,\"head_ms\":15,\"attempts\":1,\"limited\":0,\"outcome\":\"success\"}\n");
  }

  @ParameterizedTest
  @CsvSource({"1,64", "64,64", "65,128", "1000,1k", "1025,2k", "1048577,2M"})
  void aSizeIsThePowerOfTwoThatItFitsInto(long tokens, String size) {
    assertThat(RecordFormat.sizeClass(tokens)).isEqualTo(size);
  }

  @ParameterizedTest
  @CsvSource({
    "gpt-4o-2024-08-06,gpt-4o-2024-08-06",
    "meta-llama/Llama-3.3-70B,meta-llama/Llama-3.3-70B",
    "ft:gpt-4o-mini:acme-corp::abc123,ft:gpt-4o-mini",
    "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.claude,us.claude",
    "projects/acme/locations/eu/models/gemini-2,gemini-2",
    "sk-fake-key-of-nobody,other",
    "how fast does light travel,other",
    "'quote\"in it',other"
  })
  void aModelsNameHoldsNoOwner(String model, String recorded) {
    assertThat(RecordedModel.of(model)).isEqualTo(recorded);
  }

  @Test
  void linesThatAreNoneAreCountedAndPassedOver() {
    List<CallRecord> calls = new ArrayList<>();
    RecordReader reader =
        read(
            "\n"
                + line(CALL)
                + "half a li\n"
                + "{\"v\":2,\"at\":1,\"provider\":\"openai\",\"model\":\"m\",\"outcome\":\"success\"}\n"
                + "{\"v\":1,\"at\":-1,\"provider\":\"openai\",\"model\":\"m\",\"outcome\":\"success\"}\n"
                + "{\"v\":1}\n"
                + "x".repeat(10_000)
                + "\n"
                + "{\"v\":1,\"dropped\":12}\n"
                + "{\"v\":1,\"new\":{\"field\":[1]},\"at\":3,\"provider\":\"openai\",\"model\":\"m\",\"outcome\":\"success\"}\n"
                + "{\"v\":1,\"at\":1,\"provi",
            calls);

    assertThat(calls).extracting(CallRecord::at).containsExactly(1L, 3L);
    assertThat(reader.calls()).isEqualTo(2);
    assertThat(reader.bad()).isEqualTo(6);
    assertThat(reader.dropped()).isEqualTo(12);
  }

  @Provide
  Arbitrary<CallRecord> records() {
    Arbitrary<Long> tokens = Arbitraries.longs().between(-1, 2_000_000);
    Arbitrary<Long> millis = Arbitraries.longs().between(0, 1_000_000_000);
    return Combinators.combine(
            Arbitraries.longs().between(0, 4_000_000_000_000L),
            Arbitraries.strings().ofMaxLength(80),
            tokens.list().ofSize(5),
            millis,
            millis,
            Arbitraries.integers().between(0, 100),
            Arbitraries.of("success", "rate_limited", "cancelled"))
        .as(
            (at, model, sizes, waited, took, attempts, outcome) ->
                new CallRecord(
                    at,
                    "openai",
                    RecordedModel.of(model),
                    sizes.get(0),
                    sizes.get(1),
                    sizes.get(2),
                    sizes.get(3),
                    sizes.get(4),
                    waited,
                    took,
                    took / 3,
                    attempts,
                    attempts / 2,
                    outcome));
  }

  @Property(tries = 300)
  void whatIsWrittenIsReadBack(@ForAll("records") CallRecord call) {
    List<CallRecord> calls = new ArrayList<>();
    assertThat(read(line(call) + line(call), calls).bad()).isZero();
    assertThat(calls).containsExactly(call, call);
  }

  @Property(tries = 300)
  void bytesOfAnyKindDoNoHarm(@ForAll byte[] bytes, @ForAll("records") CallRecord call) {
    byte[] good = ("\n" + line(call)).getBytes(StandardCharsets.UTF_8);
    byte[] both = new byte[bytes.length + good.length];
    System.arraycopy(bytes, 0, both, 0, bytes.length);
    System.arraycopy(good, 0, both, bytes.length, good.length);
    List<CallRecord> calls = new ArrayList<>();

    assertThatCode(() -> read(both, calls)).doesNotThrowAnyException();
    assertThat(calls).contains(call);
  }

  @Property(tries = 300)
  void aLineCutOffOrChangedIsReadOrCounted(
      @ForAll("records") CallRecord call, @ForAll int place, @ForAll byte other) {
    byte[] line = line(call).getBytes(StandardCharsets.UTF_8);
    int at = Math.floorMod(place, line.length);
    line[at] = other;
    List<CallRecord> calls = new ArrayList<>();
    RecordReader reader = read(line, calls);
    assertThat(calls.size() + reader.bad() + reader.dropped()).isPositive();
  }
}
