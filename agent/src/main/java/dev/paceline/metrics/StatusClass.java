package dev.paceline.metrics;

/** What came back for an attempt; the {@code status} tag of {@code paceline.attempts}. */
enum StatusClass {
  SUCCESS("2xx"),
  REDIRECT("3xx"),
  CLIENT_ERROR("4xx"),
  TOO_MANY_REQUESTS("429"),
  SERVER_ERROR("5xx"),
  OVERLOADED("529"),
  IO_ERROR("io_error");

  private final String tag;

  StatusClass(String tag) {
    this.tag = tag;
  }

  String tag() {
    return tag;
  }

  /**
   * @param status HTTP status; 0 when the attempt ended with an exception
   */
  static StatusClass of(int status) {
    if (status == 429) {
      return TOO_MANY_REQUESTS;
    }
    if (status == 529) {
      return OVERLOADED;
    }
    if (status < 100) {
      return IO_ERROR;
    }
    // 1xx never ends an attempt, save 101: the provider accepted the upgrade.
    return status < 300
        ? SUCCESS
        : status < 400 ? REDIRECT : status < 500 ? CLIENT_ERROR : SERVER_ERROR;
  }
}
