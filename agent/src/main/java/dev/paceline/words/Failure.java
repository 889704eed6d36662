package dev.paceline.words;

/** Why a call failed, and who said no: the tags {@code reason} and {@code by}. */
public enum Failure {
  /** The provider's limit answer, after the repeats that were made. */
  RATE_LIMITED(By.PROVIDER, "rate limits"),
  /** Plan or credit is used up. */
  QUOTA(By.PROVIDER, "quota used up"),
  /** The provider's own overload. */
  OVERLOADED(By.PROVIDER, "overloaded"),
  /** 500 and above. */
  SERVER_ERROR(By.PROVIDER, "server errors"),
  /** 400 and above: the request itself, or its credential. */
  CLIENT_ERROR(By.PROVIDER, "client errors"),
  /** Not sent: the predicted wait is longer than the caller allows. */
  WAIT_TOO_LONG(By.AGENT, "the wait would be too long"),
  /** Not sent: as many calls wait as may. */
  QUEUE_FULL(By.AGENT, "the queue is full"),
  /** Not sent: repeats a call that was given up, and got its answer. */
  REPEATED(By.AGENT, "repeats of a failed call"),
  /** No answer: the connection failed, or the client's own timeout passed. */
  IO_ERROR(By.NETWORK, "no answer"),
  /** The application cancelled the call or interrupted its thread. */
  CANCELLED(By.APPLICATION, "cancelled");

  /** Who said no. */
  public enum By {
    PROVIDER,
    AGENT,
    NETWORK,
    APPLICATION
  }

  private final By by;
  private final String text;

  Failure(By by, String text) {
    this.by = by;
    this.text = text;
  }

  /** Who said no. */
  public By by() {
    return by;
  }

  /** In a sentence, behind a colon. */
  public String text() {
    return text;
  }
}
