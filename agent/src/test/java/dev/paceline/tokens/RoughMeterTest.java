package dev.paceline.tokens;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The estimate of a text by the kinds of its characters. */
class RoughMeterTest {
  private static final String[] PIECES = {
    "a",
    "the",
    "observability",
    "internationalisation",
    "camelCaseName",
    "HTTPServer",
    "OPENAIKey",
    "CONSTANT_NAME",
    "A",
    "7",
    "42",
    "1234",
    "1234567",
    "0".repeat(70),
    " ",
    "  ",
    "      ",
    " ".repeat(64),
    " ".repeat(130),
    "\n",
    "\t",
    ",",
    ".",
    "::",
    "({[",
    "=".repeat(66),
    "\\n",
    "\\n\\n\\n\\n\\n\\n",
    "\\\"",
    "\\\\",
    "\\u00e9",
    "é",
    "привет",
    "限",
    "日本語",
    "😀",
    "’",
    "z".repeat(63),
    "z".repeat(64),
    "z".repeat(65),
    "X".repeat(80),
    "@",
    "`",
    "{",
    "[",
    "/",
    ":",
    "\u007f"
  };

  /** One character after the other, as plainly as it can be said. */
  private static double plainly(String text, int digits) {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    long units = 0;
    int at = 0;
    while (at < body.length) {
      int start = at;
      int b = body[at] & 0xff;
      if (b == '\\') {
        byte escaped = at + 1 < body.length ? body[at + 1] : 0;
        int run = 1;
        at += escaped == 'u' ? 6 : 2;
        while (escaped != 'u'
            && at + 1 < body.length
            && body[at] == '\\'
            && body[at + 1] == escaped) {
          at += 2;
          run++;
        }
        units += escaped == 'u' ? 10 : 40 + (run > 4 ? run * 8 : 0);
      } else if (b >= 0x80) {
        at += b >= 0xf0 ? 4 : b >= 0xe0 ? 3 : 2;
        units += script(b);
      } else if (Character.isLetter(b)) {
        while (at < body.length && body[at] >= 'A' && body[at] <= 'Z') {
          at++;
        }
        int capitals = at;
        while (at < body.length && body[at] >= 'a' && body[at] <= 'z') {
          at++;
        }
        units += 64 + Math.max(0, at - start - 6) * (at > capitals ? 8 : 24);
      } else if (Character.isDigit(b)) {
        while (at < body.length && body[at] >= '0' && body[at] <= '9') {
          at++;
        }
        units += (at - start + digits - 1) / digits * 64;
      } else if (b <= ' ') {
        while (at < body.length && body[at] >= 0 && body[at] <= ' ') {
          at++;
        }
        units += at - start == 1 ? 0 : 64 + (at - start) / 64 * 64;
      } else {
        while (at < body.length
            && body[at] > ' '
            && body[at] != '\\'
            && !Character.isLetterOrDigit(body[at])) {
          at++;
        }
        units += 64 + (at - start - 1) * 26;
      }
    }
    return units / 64.0;
  }

  private static int script(int lead) {
    return switch (lead) {
      case 0xf0 -> 116;
      case 0xe2 -> 64;
      case 0xe4, 0xe5, 0xe6, 0xe7, 0xe8, 0xe9 -> 44;
      case 0xe3 -> 48;
      case 0xd0, 0xd1 -> 14;
      default -> 10;
    };
  }

  @Test
  void escapedCharactersCountWhatTheyCountUnescaped() {
    for (String[] pair :
        new String[][] {
          {"é", "\\u00e9"},
          {"привет", "\\u043f\\u0440\\u0438\\u0432\\u0435\\u0442"},
          {"限り", "\\u9650\\u308A"},
          {"😀", "\\ud83d\\ude00"}
        }) {
      byte[] plain = pair[0].getBytes(StandardCharsets.UTF_8);
      byte[] escaped = pair[1].getBytes(StandardCharsets.UTF_8);
      assertThat(RoughMeter.INSTANCE.count(escaped, 0, escaped.length))
          .isEqualTo(RoughMeter.INSTANCE.count(plain, 0, plain.length));
    }
  }

  @Test
  void blocksOfTextCountWhatTheirCharactersCountOneByOne() {
    Random random = new Random(5);
    for (int round = 0; round < 40_000; round++) {
      StringBuilder text = new StringBuilder();
      int pieces = random.nextInt(40);
      boolean prose = random.nextBoolean();
      for (int i = 0; i < pieces; i++) {
        text.append(PIECES[random.nextInt(prose ? 14 : PIECES.length)]);
        text.append(prose && random.nextInt(4) > 0 ? " " : "");
      }
      byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
      // Somewhere in a body, so that what stands around it is seen not to count.
      int from = random.nextInt(3);
      byte[] body = Arrays.copyOf(new byte[] {'a', '9', ' '}, from + bytes.length + 7);
      Arrays.fill(body, from + bytes.length, body.length, (byte) "a9 \\\"{".charAt(round % 6));
      System.arraycopy(bytes, 0, body, from, bytes.length);
      int end = from + bytes.length;
      assertThat(RoughMeter.INSTANCE.count(body, from, end))
          .as(text.toString())
          .isEqualTo(plainly(text.toString(), 3));
      assertThat(RoughMeter.DIGITS_APART.count(body, from, end))
          .as(text.toString())
          .isEqualTo(plainly(text.toString(), 1));
      if (round % 8 == 0) {
        assertThat(RoughMeter.INSTANCE.count(bytes, 0, bytes.length))
            .isEqualTo(plainly(text.toString(), 3));
      }
    }
  }
}
