package dev.paceline.cli;

import dev.paceline.cli.Advisor.Advice;
import dev.paceline.words.Classification;
import dev.paceline.words.Headers;
import dev.paceline.words.Limit;
import dev.paceline.words.ProviderResponse;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;

/**
 * {@code explain}: reads recorded answers and says what each means and what the agent would do with
 * it. What it reads is described in {@link #HELP}.
 */
public final class ExplainCommand implements Command {
  static final String PROVIDER = "--provider";

  static final String HELP =
      """
        --provider ID   provider of answers that do not name theirs (openai, anthropic ...; default: read like OpenAI's)

      FILE (or stdin, or -) may be
        lines of JSON   {"provider":"openai","status":429,"headers":{"retry-after":"2"},"body":"..."}
                        provider may be missing; a header's value is a string or an array of strings; a body is a string
                        or the JSON itself
        curl -i output  one answer or several after each other
        a HAR file      as a browser or a proxy exports it; the provider is found by each entry's URL

      For each answer one line of JSON:
        limit           rpm, tpm, itpm, otpm, rpd, tpd, concurrency, quota, capacity, unknown; null for a success
        retryable       whether waiting at most an hour can help
        wait_ms         how long the answer says to wait; null when it does not say
        action          what the agent does with it as the first answer of a call: retry, give-up or deliver
        action_wait_ms  its wait before that, without jitter
        action_why      why, in words
        why             how the answer was understood
      """;

  /** What the agent itself would have read of a body. */
  private static final int MAX_BODY = 64 * 1024;

  private final AnswerJudge judge;
  private final Advisor advisor;
  private final UnaryOperator<String> providerOfUrl;
  private final LongSupplier epochMillis;

  /**
   * @param providerOfUrl the provider's id for a URL; empty when it is nobody's
   */
  public ExplainCommand(
      AnswerJudge judge,
      Advisor advisor,
      UnaryOperator<String> providerOfUrl,
      LongSupplier epochMillis) {
    this.judge = judge;
    this.advisor = advisor;
    this.providerOfUrl = providerOfUrl;
    this.epochMillis = epochMillis;
  }

  @Override
  public int run(String[] args, StandardStreams console) {
    String provider = "";
    String file = "-";
    for (int i = 0; i < args.length; i++) {
      if (args[i].equals(PROVIDER)) {
        if (++i == args.length) {
          return USAGE;
        }
        provider = args[i];
      } else if (file.equals("-")) {
        file = args[i];
      } else {
        return USAGE;
      }
    }
    if (file.equals("-")) {
      return explain(console.in(), provider, console);
    }
    try (InputStream in = Files.newInputStream(Path.of(file))) {
      return explain(in, provider, console);
    } catch (IOException | InvalidPathException unreadable) {
      console.err().println("paceline: cannot read " + Table.clean(file));
      return FAILED;
    }
  }

  private int explain(InputStream in, String provider, StandardStreams console) {
    String text;
    try {
      text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException unreadable) {
      console.err().println("paceline: cannot read on");
      return FAILED;
    }
    int status = OK;
    for (RecordedInput.Item item : RecordedInput.read(text, provider, providerOfUrl)) {
      JsonValue said;
      try {
        if (!item.fault().isEmpty()) {
          throw new IOException(item.fault());
        }
        said = explain(item.json());
      } catch (IOException malformed) {
        said = error(item.place(), String.valueOf(malformed.getMessage()));
        status = FAILED;
      } catch (RuntimeException bug) {
        // One answer that trips the classifier must not cost those after it.
        said = error(item.place(), "internal error: " + bug.getClass().getName());
        status = FAILED;
      }
      try {
        console.out().println(JsonTree.line(said));
      } catch (IOException unprintable) {
        status = FAILED;
      }
    }
    return status;
  }

  private static JsonValue error(String place, String what) {
    return new JsonValue.Obj(Map.of("error", new JsonValue.Str(place + ": " + what)));
  }

  private JsonValue explain(JsonValue line) throws IOException {
    if (!(line instanceof JsonValue.Obj object)) {
      throw new IOException("expected an object");
    }
    String provider = object.text("provider").orElse("");
    ProviderResponse answer = answer(object);
    Classification judgement = judge.judge(provider, answer, epochMillis.getAsLong());
    Advice advice = advisor.advise(provider, answer, judgement);
    Map<String, JsonValue> members = new LinkedHashMap<>();
    Limit limit = judgement.limit();
    if (limit == null && answer.status() >= 400) {
      limit = Limit.UNKNOWN; // as in recorded expectations: an error has a tag of the closed set
    }
    members.put("limit", limit == null ? new JsonValue.Null() : new JsonValue.Str(limit.tag()));
    members.put("retryable", new JsonValue.Bool(judgement.retryable()));
    boolean hint = judgement.waitMillis() != Classification.NO_HINT;
    members.put(
        "wait_ms", millis(hint ? OptionalLong.of(judgement.waitMillis()) : OptionalLong.empty()));
    members.put("action", new JsonValue.Str(advice.action()));
    members.put("action_wait_ms", millis(advice.waitMillis()));
    members.put("action_why", new JsonValue.Str(advice.why()));
    members.put("why", new JsonValue.Str(judgement.why()));
    return new JsonValue.Obj(members);
  }

  private static JsonValue millis(OptionalLong millis) {
    return millis.isPresent()
        ? new JsonValue.Num(Long.toString(millis.getAsLong()))
        : new JsonValue.Null();
  }

  private static ProviderResponse answer(JsonValue.Obj object) throws IOException {
    double status = object.number("status");
    if (status < 100 || status > 599 || status != Math.rint(status)) {
      throw new IOException("\"status\" must be a number from 100 to 599");
    }
    JsonValue given = object.get("headers").orElse(new JsonValue.Obj(Map.of()));
    if (!(given instanceof JsonValue.Obj headers)) {
      throw new IOException("\"headers\" must be an object");
    }
    Headers read = new JsonHeaders(headers);
    byte[] body = body(object);
    boolean complete = body.length <= MAX_BODY;
    return new ProviderResponse(
        (int) status, read, complete ? body : Arrays.copyOf(body, MAX_BODY), complete);
  }

  private static byte[] body(JsonValue.Obj object) throws IOException {
    JsonValue body = object.get("body").orElse(new JsonValue.Str(""));
    return body instanceof JsonValue.Str text
        ? text.value().getBytes(StandardCharsets.UTF_8)
        : JsonTree.bytes(body);
  }
}
