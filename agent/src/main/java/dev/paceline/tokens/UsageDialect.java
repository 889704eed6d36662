package dev.paceline.tokens;

import java.util.List;
import java.util.Locale;

/**
 * What a family of models adds to the texts of a request: its template's tokens a message, the
 * preamble in front, the instructions it is given beside tools. OpenAI's and Anthropic's figures
 * are from their documents, the others were measured on recorded requests with the usage that the
 * provider reported ({@code docs/tokens.md}); each scope's calibration corrects them.
 *
 * @param words parts of a model's name, any of which makes it one of the family
 * @param text tokens a token of the estimate
 * @param message tokens of the template around a message
 * @param preamble tokens in front of every request
 * @param tools tokens in front of the tools, when there are any
 * @param schema tokens a token of the tools' JSON; or of what is counted of them
 * @param call tokens around each call of a tool and its result
 * @param thinking tokens that switching thinking on adds
 * @param opaque tokens a character of thinking that only the provider can read
 * @param shown how tools are shown to the model
 */
record UsageDialect(
    List<String> words,
    double text,
    double message,
    double preamble,
    double tools,
    double schema,
    double call,
    double thinking,
    double opaque,
    Size.Tools shown) {

  /** ChatML: four tokens a message and three at the end. */
  static final UsageDialect OPENAI =
      new UsageDialect(List.of(), 1, 4, 3, 0, 1, 4, 0, 0, Size.Tools.SCRIPT);

  /** Is shown the schema of its answer, and its own thinking of earlier turns. */
  private static final UsageDialect GEMINI_3 =
      new UsageDialect(List.of("gemini-3"), 1, 0, 1, 0, 1, 4, 0, 0.2, Size.Tools.EITHER);

  /** The same behind Google's other door, where its tools are counted higher: measured. */
  private static final UsageDialect GEMINI_3_STUDIO =
      new UsageDialect(List.of("gemini-3"), 1, 0, 1, 10, 1.7, 4, 0, 0.2, Size.Tools.EITHER);

  /** Harmony, as OpenAI documents it: tools are declared as to OpenAI's own models. */
  private static final UsageDialect GPT_OSS =
      new UsageDialect(List.of("gpt-oss"), 1, 4, 62, 20, 1, 8, 0, 0, Size.Tools.SCRIPT);

  /** Thinks unless it is told not to. */
  private static final UsageDialect DEEPSEEK_4 =
      new UsageDialect(List.of("deepseek-v4"), 1, 2, 2, 200, 1.2, 15, 78, 0, Size.Tools.WRITTEN);

  /** Families whose tokenizers make a token of each digit, by their papers and tables. */
  private static final List<String> DIGITS_APART =
      List.of("gemini", "gemma", "mistral", "mixtral", "ministral", "pixtral", "codestral", "qwen");

  private static final UsageDialect PLAIN = of(1, 3, 4, 30, 1, 10);

  private static final List<UsageDialect> KNOWN =
      List.of(
          claude(530, 1, "claude-3-opus"),
          claude(159, 1, "claude-3-sonnet"),
          claude(264, 1, "claude-3-haiku", "claude-3-5-haiku"),
          claude(294, 1.05, "claude-3-5-sonnet"),
          claude(
              346,
              1.05,
              "claude-3-7",
              "claude-3.7",
              "claude-sonnet-4-0",
              "claude-sonnet-4-2025",
              "claude-sonnet-4@",
              "claude-opus-4-0",
              "claude-opus-4-1",
              "claude-opus-4.1",
              "claude-opus-4-2025",
              "claude-opus-4@"),
          claude(
              490,
              1.25,
              "claude-opus-4-7",
              "claude-opus-4-8",
              "claude-opus-4.7",
              "claude-opus-4.8",
              "claude-opus-5",
              "claude-sonnet-5"),
          claude(490, 1.05, "claude"),
          GPT_OSS,
          of(1, 0, 0, 127, 0.9, 20, "grok-4-1-fast-non-reasoning", "grok-2", "grok-3"),
          new UsageDialect(List.of("grok"), 1, 0, 190, 20, 1, 0, 0, 0.15, Size.Tools.WRITTEN),
          of(1, 4, 5, 640, 0.9, 15, "llama-4"),
          of(1, 5, 25, 90, 1, 10, "llama-3.3", "llama-3.1", "llama3-3", "llama3.1"),
          DEEPSEEK_4,
          of(1, 2, 2, 200, 1.2, 15, "deepseek"),
          of(1, 5, 5, 50, 0.95, 20, "qwen"),
          new UsageDialect(List.of("sonar"), 1, 1, 2, 30, 1, 10, 0, 0, Size.Tools.PARTS),
          GEMINI_3,
          new UsageDialect(List.of("gemini", "gemma"), 1, 0, 1, 0, 1, 8, 0, 0, Size.Tools.EITHER),
          of(1.05, 2, 2, 5, 1, 10, "mistral", "mixtral", "ministral", "pixtral", "codestral"),
          of(1, 0, 440, -140, 1, 15, "command-a-plus"),
          of(1, 0, 1_740, 880, 1, 15, "command-a-reasoning"),
          of(1, 0, 500, 880, 1, 15, "command-a"),
          of(1, 0, 200, 700, 1, 15, "command-r-08", "command-r7b"),
          of(1, 0, 65, 730, 1, 15, "command"),
          of(1, 1, 46, 280, 1, 15, "nova-2"),
          of(1, 1, 0, 320, 1, 15, "nova"));

  private static UsageDialect of(
      double text,
      double message,
      double preamble,
      double tools,
      double schema,
      double call,
      String... words) {
    return new UsageDialect(
        List.of(words), text, message, preamble, tools, schema, call, 0, 0, Size.Tools.WRITTEN);
  }

  private static UsageDialect claude(double tools, double text, String... words) {
    return new UsageDialect(List.of(words), text, 4, 5, tools, 1, 50, 28, 0, Size.Tools.WRITTEN);
  }

  /** The family of a model; OpenAI's own are {@link #OPENAI} at whoever serves them. */
  static UsageDialect of(String provider, String model) {
    String name = model.toLowerCase(Locale.ROOT);
    // By index: this runs for every call, and an iterator for each family would be most of what a
    // price allocates.
    for (int i = 0; i < KNOWN.size(); i++) {
      UsageDialect dialect = KNOWN.get(i);
      for (int j = 0; j < dialect.words.size(); j++) {
        if (name.contains(dialect.words.get(j))) {
          return dialect == GEMINI_3 && provider.equals("gemini") ? GEMINI_3_STUDIO : dialect;
        }
      }
    }
    return Tables.openAi(provider, name) ? OPENAI : PLAIN;
  }

  /** What estimates the texts of the family. */
  RoughMeter meter() {
    for (int i = 0; i < words.size(); i++) {
      if (DIGITS_APART.contains(words.get(i))) {
        return RoughMeter.DIGITS_APART;
      }
    }
    return gemini3() ? RoughMeter.DIGITS_APART : RoughMeter.INSTANCE;
  }

  /** How tools are counted: an estimate of OpenAI's own does without writing them out. */
  Size.Tools shown(boolean exact) {
    return this == OPENAI && !exact ? Size.Tools.PARTS : shown;
  }

  private boolean gemini3() {
    return this == GEMINI_3 || this == GEMINI_3_STUDIO;
  }

  private boolean google() {
    return shown == Size.Tools.PARTS || shown == Size.Tools.EITHER;
  }

  /** The part of a schema for the answer, as it is written, that is put into the prompt. */
  private double formatShare(Size size) {
    return !google() || gemini3() ? 1 : size.foreignFormat ? 0 : 0.17;
  }

  /** Templates that show a model what it thought since the user's last message. */
  private boolean keepsThought(String model) {
    return this == PLAIN
        || this == GPT_OSS
        || model.contains("qwen")
        || model.contains("deepseek")
        || model.contains("claude");
  }

  /** Tokens of the prompt, by what a walk over the request found. */
  double tokens(Size size, boolean generation, String model) {
    if (!generation) {
      return size.text * text + size.tokenIds + media(size);
    }
    int messages = size.messages + (size.system ? 1 : 0);
    if (messages == 0 && size.stringInput) {
      messages = 1;
    }
    double tokens =
        size.text * text
            + size.tokenIds
            + message * messages
            + preamble
            + call * (size.calls + size.items)
            + opaque * size.opaque
            + (thinks(size, model) ? thinking : 0)
            + (keepsThought(model) ? size.thought * text : 0)
            + (this == OPENAI ? 0 : size.summaries * text)
            + media(size);
    if (this == OPENAI) {
      if (model.contains("search-preview")) {
        return tokens - preamble - message * messages; // reports the text alone
      }
      return tokens + openAi(size, model);
    }
    if (size.tools > 0) {
      tokens +=
          google() && size.wrapped
              ? size.written - 10.0 * size.tools // less the wrapping
              : tools
                  + schema * size.schemas
                  + (google() ? 2.0 * size.tools + 4.0 * size.properties : 0);
    }
    return tokens + size.format * formatShare(size);
  }

  private boolean thinks(Size size, String model) {
    return !size.thinkingOff
        && (size.thinking || this == DEEPSEEK_4 || model.endsWith(":thinking"));
  }

  /** What is measured of OpenAI's own models beside the script of the tools. */
  private static double openAi(Size size, String model) {
    double tokens = 8 * size.items - (Tables.thinks(model) ? 1 : 0);
    if (size.tools > 0) {
      // Without instructions of the caller a message is put in front for them. Where they are not
      // written out, by the figures of OpenAI's cookbook.
      tokens +=
          size.schemas
              + (size.scripted()
                  ? !size.instructed ? 3 : Tables.thinks(model) ? 1 : 0
                  : 12
                      + 7.0 * size.tools
                      + 3.0 * (size.objects + size.properties)
                      + Math.max(0, 3.0 * size.enums - 3));
      if (size.tools > 1 && Tables.wrapsParallelCalls(model)) {
        tokens += 88;
      }
    }
    if (size.format > 0) {
      // A heading and the schema as it is written, but for what closes its objects.
      tokens += 9 + Math.max(0, size.format - 5 * size.closed - (size.scripted() ? 0 : 10));
    }
    if (size.opaques > 0) {
      // Base64 of the thinking with an envelope of some 650 bytes around it.
      tokens += Math.max(0, (0.75 * size.opaque / size.opaques - 650) / 5.3) * size.opaques;
    }
    return tokens;
  }

  /**
   * Images, files, sounds and films. Google: 258 tokens an image (Gemini 3 1,120), a page or a
   * second of film, 32 a second of sound. Anthropic: width times height by 750, at most 1,600;
   * 2,250 a page. OpenAI: 85 and 170 a tile of 512 pixels after scaling to 768. Sizes in bytes
   * stand for pages and seconds.
   */
  private double media(Size size) {
    double tokens = 0;
    boolean google = google();
    if (size.images > 0) {
      double each;
      if (google) {
        each = gemini3() ? 1_120 : 258;
      } else if (size.lowDetail) {
        each = 85;
      } else {
        int measured = size.images - size.unmeasured;
        double pixels = measured == 0 ? 1_000_000 : (double) size.pixels / measured;
        each =
            this == OPENAI || thinking == 0
                ? 85 + 170 * Math.min(4, Math.max(1, Math.ceil(pixels / 300_000)))
                : Math.min(1_600, pixels / 750);
      }
      tokens += each * size.images;
    }
    // 10 KB of Base64 a page, 25 KB a second of sound, 50 KB a second of film.
    tokens += (google ? 258 : 600) * pages(size.fileChars, size.files, 10_000);
    tokens += (google ? 32 : 10) * pages(size.audioChars, size.sounds, 25_000);
    tokens += 258 * pages(size.videoChars, size.videos, 50_000);
    return tokens;
  }

  private static double pages(long chars, int count, int each) {
    return count == 0 ? 0 : Math.max(count, chars / (double) each);
  }
}
