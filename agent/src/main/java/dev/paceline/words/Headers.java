package dev.paceline.words;

import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Headers of a request or an answer. Names are matched without regard to case. */
public interface Headers {
  /** No headers at all. */
  Headers NONE =
      new Headers() {
        @Override
        public @Nullable String first(String name) {
          return null;
        }

        @Override
        public Map<String, List<String>> all() {
          return Map.of();
        }
      };

  /** The first value of the header, or null when it is absent. */
  @Nullable String first(String name);

  /**
   * Every header with its values in order of appearance. Keys as the wire or the client spelled
   * them.
   */
  Map<String, List<String>> all();

  /**
   * Shows the headers whose names are wanted, each with its values in order of appearance: of some
   * twenty-five that an answer has six matter.
   */
  default void forEach(Predicate<String> wanted, BiConsumer<String, List<String>> reader) {
    all()
        .forEach(
            (name, values) -> {
              if (wanted.test(name)) {
                reader.accept(name, values);
              }
            });
  }
}
