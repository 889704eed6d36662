package dev.paceline.okhttp.beside;

/** What a call that waits has given up, and takes back before it goes on. */
interface Place {
  /** The place of a call that holds none: {@code execute()}. */
  Place NONE = () -> {};

  /** Must be called exactly once, however the wait ends: OkHttp asserts it at the call's end. */
  void takeBack();
}
