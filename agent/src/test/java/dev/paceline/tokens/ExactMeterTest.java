package dev.paceline.tokens;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingRegistry;
import com.knuddels.jtokkit.api.EncodingType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Counts by the models' own tables against the tables' own count of the same text. */
class ExactMeterTest {
  private static final EncodingRegistry REGISTRY = Encodings.newLazyEncodingRegistry();
  private static final Encoding O200K = REGISTRY.getEncoding(EncodingType.O200K_BASE);
  private static final Encoding CL100K = REGISTRY.getEncoding(EncodingType.CL100K_BASE);

  /** What prompts are made of: sentences in many scripts, code, tables, JSON, lists. */
  private static final List<String> KINDS =
      List.of(
          "The river runs quietly past the old mill, and nobody remembers who built it. ",
          "Observability isn't monitoring: it's asking questions you didn't plan for! ",
          "Die Geschwindigkeitsbegrenzung gilt für alle Verkehrsteilnehmer außerhalb geschlossener Ortschaften. ",
          "L’été dernier, nous avons goûté un fromage très affiné près de Besançon. ",
          "Здравствуйте! Подскажите, пожалуйста, какие документы нужны для оформления договора. ",
          "Η ταχύτητα του φωτός είναι σταθερή σε όλα τα συστήματα αναφοράς. ",
          "كيف يمكنني الحصول على تقرير مفصل عن استهلاك الطاقة في الشهر الماضي؟ ",
          "בבקשה סכם את המסמך הבא בשלוש נקודות עיקריות. ",
          "कृपया इस दस्तावेज़ का सारांश तीन बिंदुओं में लिखिए। ",
          "โปรดสรุปเอกสารต่อไปนี้เป็นสามประเด็นหลักและระบุแหล่งที่มา ",
          "请用三句话总结以下文件的主要内容，并列出所有提到的日期和金额。",
          "次の文書を三つの要点にまとめて、出典を必ず示してください。カタカナも含めます。",
          "다음 문서를 세 가지 핵심 요점으로 요약하고 출처를 밝혀 주세요. ",
          "Vui lòng tóm tắt tài liệu sau đây thành ba ý chính và nêu rõ nguồn. ",
          "Lütfen aşağıdaki belgeyi üç ana başlık altında özetleyin ve kaynağı belirtin. ",
          "👍🏽 Great job team 🎉🚀 — see you at the 🏖️ next week 👩‍💻! ",
          "public static int indexOf(byte[] body, int from) {\n    for (int i = from; i < body.length; i++) {\n        if (body[i] == '\"') return i;\n    }\n}\n",
          "{\"id\": 1234567, \"name\": \"a\\\\b\", \"tags\": [\"x\", \"y\"], \"price\": 19.95, \"at\": \"2026-11-27T12:59:49Z\"}\n",
          "| 20 | SPACE | A1  INVERTED EXCLAMATION MARK |\n| 21 | HYPHEN-MINUS | 0x2D |\n",
          "- [ ] **TODO**: see https://example.com/docs/v2/index.html?query=rate+limit#section-3\n",
          "def f(x):\n\treturn {k: v for k, v in x.items() if v is not None}\n\n\n",
          "SELECT u.id, COUNT(*) FROM users u LEFT JOIN orders o ON o.user_id = u.id GROUP BY 1;\n",
          "a3f5c9e8d7b64210fedcba9876543210 550e8400-e29b-41d4-a716-446655440000\n");

  /** Sections of a few kinds, or sentences of all kinds in turn. */
  private static String text(Random random, int length, boolean sections) {
    StringBuilder text = new StringBuilder();
    List<String> kinds = new ArrayList<>(KINDS);
    if (sections) {
      Collections.shuffle(kinds, random);
      kinds = kinds.subList(0, 3);
    }
    while (text.length() < length) {
      String kind = kinds.get(random.nextInt(kinds.size()));
      int times = sections ? 1 + random.nextInt(1 + length / 400) : 1;
      for (int i = 0; i < times; i++) {
        // Not the same sentence again and again.
        String[] words = kind.split("(?<= )", -1);
        for (String word : words) {
          text.append(random.nextInt(12) == 0 ? words[random.nextInt(words.length)] : word);
        }
      }
    }
    return text.toString();
  }

  private static byte[] json(String text, boolean ascii) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    JsonFactory factory =
        JsonFactory.builder().configure(JsonWriteFeature.ESCAPE_NON_ASCII, ascii).build();
    try (JsonGenerator generator = factory.createGenerator(out)) {
      generator.writeString(text);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return out.toByteArray();
  }

  private static double count(Encoding encoding, byte[] json) {
    return new ExactMeter(encoding, json.length + 60).count(json, 1, json.length - 1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void textsInAllScriptsCountAsTheTableCountsThem(boolean ascii) {
    Random random = new Random(1);
    for (int round = 0; round < 300; round++) {
      String text = text(random, 1 + random.nextInt(3_000), round % 2 == 0);
      byte[] json = json(text, ascii);
      int expected = O200K.countTokensOrdinary(text);
      assertThat(count(O200K, json))
          .as(text)
          .isEqualTo(expected, within(Math.max(2, 0.02 * expected)));
      int older = CL100K.countTokensOrdinary(text);
      assertThat(count(CL100K, json)).as(text).isEqualTo(older, within(Math.max(2, 0.02 * older)));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {30_000, 120_000, 500_000})
  void longMixedPromptsAreMetBySamples(int length) {
    Random random = new Random(length);
    int rounds = 40;
    double[] errors = new double[rounds];
    double mean = 0;
    for (int round = 0; round < rounds; round++) {
      String text = text(random, length, round % 2 == 0);
      double expected = O200K.countTokensOrdinary(text);
      double error = (count(O200K, json(text, false)) - expected) / expected;
      mean += error / rounds;
      errors[round] = Math.abs(error);
    }
    Arrays.sort(errors);
    assertThat(errors[rounds / 2]).as("the middle one").isLessThan(0.02);
    assertThat(errors[rounds * 9 / 10]).as("nine of ten").isLessThan(0.06);
    assertThat(Math.abs(mean)).as("to one side").isLessThan(0.015);
  }

  @Test
  void wordsWithoutAnEndAreCountedInPieces() {
    for (String unit : List.of("a", "日本語テキスト", "ก", "=", "xY9")) {
      String text = unit.repeat(4_000 / unit.length());
      double expected = O200K.countTokensOrdinary(text);
      assertThat(count(O200K, json(text, false))).isEqualTo(expected, within(0.3 * expected));
      assertThat(count(O200K, json(text, true))).isEqualTo(expected, within(0.3 * expected));
    }
  }

  @Test
  void halvesOfCharactersAreNoFault() {
    byte[] json = "\\ud83d and \\ude00 or \\ud83d\\ude00".getBytes(StandardCharsets.UTF_8);
    for (int end = 0; end <= json.length; end++) {
      assertThat(new ExactMeter(O200K, 100).count(json, 0, end)).isBetween(0.0, 20.0);
    }
  }

  @Test
  void aRequestOfManyTextsIsCountedByTheShareOfEach() {
    Random random = new Random(7);
    for (int round = 0; round < 10; round++) {
      int messages = 20 + random.nextInt(300);
      String[] texts = new String[messages];
      int length = 0;
      for (int i = 0; i < messages; i++) {
        texts[i] = text(random, 20 + random.nextInt(2_000), true);
        length += texts[i].getBytes(StandardCharsets.UTF_8).length + 40;
      }
      ExactMeter meter = new ExactMeter(O200K, length);
      double counted = 0;
      double expected = 0;
      for (String text : texts) {
        byte[] json = json(text, false);
        counted += meter.count(json, 1, json.length - 1);
        expected += O200K.countTokensOrdinary(text);
      }
      assertThat(counted).isEqualTo(expected, within(0.06 * expected));
    }
  }
}
