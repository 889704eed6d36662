package dev.paceline.record;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A call as a line of JSON, and back: {@code docs/replay.md}. Fields may be added without a new
 * version; a reader passes over those it does not know.
 */
public final class RecordFormat {
  /** The {@code v} of each line; another one means that fields have changed their meaning. */
  public static final int VERSION = 1;

  /** Longer lines are none of ours. */
  static final int LONGEST_LINE = 4_096;

  private static final Pattern ID = Pattern.compile("[a-z0-9_.-]*");
  private static final JsonFactory JSON = new JsonFactory();

  private RecordFormat() {}

  /** Writes a line with its end. Nothing in it needs an escape: see {@link RecordedModel}. */
  public static void append(StringBuilder line, CallRecord call) {
    line.append("{\"v\":").append(VERSION).append(",\"at\":").append(call.at());
    line.append(",\"provider\":\"").append(call.provider());
    line.append("\",\"model\":\"").append(call.model()).append('"');
    long size = call.input() > 0 ? call.input() : call.inputEstimate();
    if (size > 0) {
      line.append(",\"size\":\"").append(sizeClass(size)).append('"');
    }
    number(line, "in_est", call.inputEstimate());
    number(line, "out_est", call.outputEstimate());
    number(line, "in", call.input());
    number(line, "cached", call.cached());
    number(line, "out", call.output());
    number(line, "wait_ms", call.waitMillis());
    number(line, "ms", call.millis());
    number(line, "head_ms", call.headMillis());
    number(line, "attempts", call.attempts());
    number(line, "limited", call.limited());
    line.append(",\"outcome\":\"").append(call.outcome()).append("\"}\n");
  }

  /** A line that says how many calls are missing here. */
  public static void appendDropped(StringBuilder line, long calls) {
    line.append("{\"v\":").append(VERSION).append(",\"dropped\":").append(calls).append("}\n");
  }

  private static void number(StringBuilder line, String name, long value) {
    if (value != CallRecord.UNKNOWN) {
      line.append(",\"").append(name).append("\":").append(value);
    }
  }

  /** The power of two that tokens fit into: {@code 512}, {@code 1k}, {@code 64k}, {@code 1M}. */
  static String sizeClass(long tokens) {
    long size = 64;
    while (size < tokens && size < 1L << 40) {
      size <<= 1;
    }
    return size < 1_024 ? "" + size : size < 1 << 20 ? (size >> 10) + "k" : (size >> 20) + "M";
  }

  /**
   * @param call null for a line that tells of missing calls
   * @param dropped calls that are missing here
   */
  record Line(@Nullable CallRecord call, long dropped) {}

  /**
   * Reads one line, in UTF-8.
   *
   * @throws IOException when it is none of ours, of another version, or has impossible figures
   */
  static Line parse(byte[] line, int length) throws IOException {
    Fields fields = new Fields();
    try (JsonParser parser = JSON.createParser(line, 0, length)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new IOException("not an object");
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        JsonToken value = parser.nextToken();
        if (value == JsonToken.VALUE_NUMBER_INT) {
          fields.number(name, parser.getLongValue());
        } else if (value == JsonToken.VALUE_STRING) {
          fields.text(name, parser.getText());
        } else {
          parser.skipChildren();
        }
      }
      if (parser.currentToken() != JsonToken.END_OBJECT || parser.nextToken() != null) {
        throw new IOException("not one object");
      }
    }
    return fields.line();
  }

  private static final class Fields {
    /** Tokens of a call, milliseconds of one: bounds the arithmetic. */
    private static final long MOST = 1_000_000_000_000L;

    private long version;
    private long at = CallRecord.UNKNOWN;
    private long dropped;
    private String provider = "";
    private String model = "";
    private String outcome = "";
    private long inputEstimate = CallRecord.UNKNOWN;
    private long outputEstimate = CallRecord.UNKNOWN;
    private long input = CallRecord.UNKNOWN;
    private long cached = CallRecord.UNKNOWN;
    private long output = CallRecord.UNKNOWN;
    private long waitMillis;
    private long millis;
    private long headMillis = CallRecord.UNKNOWN;
    private long attempts;
    private long limited;

    void number(String name, long value) throws IOException {
      boolean time = name.equals("at");
      if (value < 0 || (!time && value > MOST) || (time && value > 1_000 * MOST)) {
        throw new IOException("out of range");
      }
      switch (name) {
        case "v" -> version = value;
        case "at" -> at = value;
        case "dropped" -> dropped = value;
        case "in_est" -> inputEstimate = value;
        case "out_est" -> outputEstimate = value;
        case "in" -> input = value;
        case "cached" -> cached = value;
        case "out" -> output = value;
        case "wait_ms" -> waitMillis = value;
        case "ms" -> millis = value;
        case "head_ms" -> headMillis = value;
        case "attempts" -> attempts = value;
        case "limited" -> limited = value;
        default -> {}
      }
    }

    void text(String name, String value) {
      switch (name) {
        case "provider" -> provider = known(value);
        case "model" -> model = RecordedModel.of(value);
        case "outcome" -> outcome = known(value);
        default -> {}
      }
    }

    /** A file may come from anywhere: what is printed later has no control characters. */
    private static String known(String word) {
      return word.length() <= 32 && ID.matcher(word).matches() ? word : "";
    }

    Line line() throws IOException {
      if (version != VERSION) {
        throw new IOException("version " + version);
      }
      if (dropped > 0) {
        return new Line(null, dropped);
      }
      if (at < 0 || provider.isEmpty() || model.isEmpty() || outcome.isEmpty()) {
        throw new IOException("incomplete");
      }
      return new Line(
          new CallRecord(
              at,
              provider,
              model,
              inputEstimate,
              outputEstimate,
              input,
              cached,
              output,
              waitMillis,
              millis,
              headMillis,
              (int) Math.min(Integer.MAX_VALUE, attempts),
              (int) Math.min(Integer.MAX_VALUE, limited),
              outcome),
          0);
    }
  }
}
