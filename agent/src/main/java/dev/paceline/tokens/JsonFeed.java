package dev.paceline.tokens;

/** A JSON body, or JSON lines. */
final class JsonFeed implements Feed {
  private final UsageJson json;
  private final boolean lines;

  /**
   * @param lines each line is a value of its own: one that is cut off ends with its line
   */
  JsonFeed(Tally tally, boolean lines) {
    this.json = new UsageJson(tally, false);
    this.lines = lines;
  }

  @Override
  public void feed(byte[] bytes, int from, int end) {
    int at = from;
    while (lines && at < end) {
      int line = at;
      while (at < end && bytes[at] != '\n') {
        at++;
      }
      if (at == end) {
        json.feed(bytes, line, end);
        return;
      }
      json.feed(bytes, line, ++at);
      json.reset();
    }
    json.feed(bytes, at, end);
  }
}
