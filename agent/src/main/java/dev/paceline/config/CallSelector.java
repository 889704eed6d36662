package dev.paceline.config;

import dev.paceline.words.Operation;
import java.util.Map;
import java.util.Optional;

/**
 * What a rule asks of one call. All that is given must match.
 *
 * @param headers patterns of values by the request header's name
 */
record CallSelector(
    Map<String, Glob> headers,
    Optional<Glob> thread,
    Optional<Glob> caller,
    Optional<Operation> operation,
    Optional<Boolean> stream) {
  static final CallSelector ANY =
      new CallSelector(
          Map.of(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

  CallSelector {
    headers = Map.copyOf(headers);
  }

  /** How many conditions there are: the more, the more specific. */
  int conditions() {
    return headers.size()
        + (thread.isPresent() ? 1 : 0)
        + (caller.isPresent() ? 1 : 0)
        + (operation.isPresent() ? 1 : 0)
        + (stream.isPresent() ? 1 : 0);
  }

  boolean matches(CallFacts call) {
    for (Map.Entry<String, Glob> header : headers.entrySet()) {
      String value = call.header(header.getKey());
      if (value == null || !header.getValue().matches(value)) {
        return false;
      }
    }
    return operation.map(wanted -> wanted == call.operation()).orElse(true)
        && stream.map(wanted -> wanted == call.stream()).orElse(true)
        && thread.map(glob -> glob.matches(call.thread())).orElse(true)
        && caller.map(glob -> call.callers().stream().anyMatch(glob::matches)).orElse(true);
  }
}
