package dev.paceline.tokens;

/** Takes the bytes of a body in pieces cut anywhere. */
sealed interface Feed permits SseFeed, JsonFeed, AwsFeed {
  void feed(byte[] bytes, int from, int end);
}
