package dev.paceline.cli;

import dev.paceline.cli.Advisor.Advice;
import dev.paceline.words.Answer;
import dev.paceline.words.Headers;
import dev.paceline.words.Judgement;
import dev.paceline.words.Limit;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.LongSupplier;

/**
 * {@code explain}: reads one answer a line, {@code
 * {"provider":"openai","status":429,"headers":{…},"body":"…"}}, and says what it means and what the
 * agent would do with it. The provider may be missing; a header's value is a string or an array of
 * strings; a body is a string or, for convenience, the JSON itself.
 */
public final class ExplainCommand implements Command {
  /** What the agent itself would have read of a body. */
  private static final int MAX_BODY = 64 * 1024;

  private final AnswerJudge judge;
  private final Advisor advisor;
  private final LongSupplier epochMillis;

  public ExplainCommand(AnswerJudge judge, Advisor advisor, LongSupplier epochMillis) {
    this.judge = judge;
    this.advisor = advisor;
    this.epochMillis = epochMillis;
  }

  @Override
  public int run(String[] args, Console console) {
    if (args.length > 1) {
      return USAGE;
    }
    if (args.length == 0 || args[0].equals("-")) {
      return explain(console.in(), console);
    }
    try (InputStream file = Files.newInputStream(Path.of(args[0]))) {
      return explain(file, console);
    } catch (IOException | InvalidPathException unreadable) {
      console.err().println("paceline: cannot read " + Table.clean(args[0]));
      return FAILED;
    }
  }

  private int explain(InputStream in, Console console) {
    int status = OK;
    BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
    try {
      int number = 0;
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        number++;
        if (line.isBlank()) {
          continue;
        }
        Json answer;
        try {
          answer = explain(JsonTree.parse(line));
        } catch (IOException malformed) {
          answer = error(number, String.valueOf(malformed.getMessage()));
          status = FAILED;
        } catch (RuntimeException bug) {
          // One line that trips the classifier must not cost the lines after it.
          answer = error(number, "internal error: " + bug.getClass().getName());
          status = FAILED;
        }
        console.out().println(JsonTree.line(answer));
      }
    } catch (IOException unreadable) {
      console.err().println("paceline: cannot read on");
      status = FAILED;
    }
    return status;
  }

  private static Json error(int line, String what) {
    return new Json.Obj(Map.of("error", new Json.Str("line " + line + ": " + what)));
  }

  private Json explain(Json line) throws IOException {
    if (!(line instanceof Json.Obj object)) {
      throw new IOException("expected an object");
    }
    String provider = object.text("provider").orElse("");
    Answer answer = answer(object);
    Judgement judgement = judge.judge(provider, answer, epochMillis.getAsLong());
    Advice advice = advisor.advise(provider, answer, judgement);
    Map<String, Json> members = new LinkedHashMap<>();
    Limit limit = judgement.limit();
    if (limit == null && answer.status() >= 400) {
      limit = Limit.UNKNOWN; // as in recorded expectations: an error has a tag of the closed set
    }
    members.put("limit", limit == null ? new Json.Null() : new Json.Str(limit.tag()));
    members.put("retryable", new Json.Bool(judgement.retryable()));
    boolean hint = judgement.waitMillis() != Judgement.NO_HINT;
    members.put(
        "wait_ms", millis(hint ? OptionalLong.of(judgement.waitMillis()) : OptionalLong.empty()));
    members.put("action", new Json.Str(advice.action()));
    members.put("action_wait_ms", millis(advice.waitMillis()));
    members.put("why", new Json.Str(judgement.why()));
    return new Json.Obj(members);
  }

  private static Json millis(OptionalLong millis) {
    return millis.isPresent() ? new Json.Num(Long.toString(millis.getAsLong())) : new Json.Null();
  }

  private static Answer answer(Json.Obj object) throws IOException {
    double status = object.number("status");
    if (status < 100 || status > 599 || status != Math.rint(status)) {
      throw new IOException("\"status\" must be a number from 100 to 599");
    }
    Json given = object.get("headers").orElse(new Json.Obj(Map.of()));
    if (!(given instanceof Json.Obj headers)) {
      throw new IOException("\"headers\" must be an object");
    }
    Headers read = new JsonHeaders(headers);
    byte[] body = body(object);
    boolean complete = body.length <= MAX_BODY;
    return new Answer(
        (int) status, read, complete ? body : Arrays.copyOf(body, MAX_BODY), complete);
  }

  private static byte[] body(Json.Obj object) throws IOException {
    Json body = object.get("body").orElse(new Json.Str(""));
    return body instanceof Json.Str text
        ? text.value().getBytes(StandardCharsets.UTF_8)
        : JsonTree.bytes(body);
  }
}
