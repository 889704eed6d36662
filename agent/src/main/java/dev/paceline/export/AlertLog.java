package dev.paceline.export;

import java.util.List;
import java.util.function.Consumer;

/**
 * One line in {@code key=value} form when a condition begins or ends, at most one a minute for a
 * scope; for whoever has a log and nothing else.
 */
public final class AlertLog {
  static final long MINUTE = 60_000;

  private final Consumer<String> log;
  private final Pause pause = new Pause(MINUTE, Condition::scope);

  /**
   * @param log takes lines
   */
  public AlertLog(Consumer<String> log) {
    this.log = log;
  }

  /**
   * @param now milliseconds with any origin
   */
  public void tell(long now, List<Notice> notices) {
    // That calls are refused is said by the limit's own line, or by nobody's limit.
    List<Notice> said =
        notices.stream().filter(n -> n.condition().kind() != Condition.Kind.REFUSED).toList();
    for (Notice notice : pause.due(now, said)) {
      log.accept(line(notice));
    }
  }

  private static String line(Notice notice) {
    Condition c = notice.condition();
    return "paceline: event="
        + (notice.recovered() ? "recovered" : c.kind().word())
        + (notice.recovered() ? " from=" + c.kind().word() : "")
        + " provider="
        + c.provider()
        + " model="
        + word(c.model())
        + (c.owner().isEmpty() ? "" : " owner=" + word(c.owner()))
        + " limit="
        + c.limit()
        + (notice.recovered() ? "" : " message=\"" + c.text().replace('"', '\'') + "\"");
  }

  private static String word(String value) {
    return value.indexOf(' ') < 0 && value.indexOf('"') < 0
        ? value
        : "\"" + value.replace('"', '\'') + "\"";
  }
}
