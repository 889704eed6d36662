package dev.paceline.words;

/**
 * What ran out: a closed set, the values of the {@code limit} tag. Windows shorter than an hour
 * count as per-minute limits; hour, day, week and month as per-day limits.
 */
public enum Limit {
  /** Requests per minute. */
  RPM("rpm"),
  /** Tokens per minute, input and output together. */
  TPM("tpm"),
  /** Input tokens per minute. */
  ITPM("itpm"),
  /** Output tokens per minute. */
  OTPM("otpm"),
  /** Requests per day (or hour, week, month). */
  RPD("rpd"),
  /** Tokens per day (or hour, week, month). */
  TPD("tpd"),
  /** Requests in flight at the same time. */
  CONCURRENCY("concurrency"),
  /** Plan, credit or money: waiting does not help. */
  QUOTA("quota"),
  /** The provider's own overload: 529, overload 503. */
  CAPACITY("capacity"),
  /** The answer does not say. */
  UNKNOWN("unknown");

  private final String tag;

  Limit(String tag) {
    this.tag = tag;
  }

  /** The value of the {@code limit} tag, lower case. */
  public String tag() {
    return tag;
  }
}
