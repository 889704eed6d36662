package dev.paceline.cli;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A JSON value that was read whole: for the command line only, where it is small and speed does not
 * matter.
 */
sealed interface JsonValue {
  /** Members in order of appearance; of a name that comes twice the last one. */
  record Obj(Map<String, JsonValue> members) implements JsonValue {
    Optional<JsonValue> get(String name) {
      return Optional.ofNullable(members.get(name)).filter(value -> !(value instanceof Null));
    }

    /** The text of a member that is text; empty otherwise. */
    Optional<String> text(String name) {
      return get(name).filter(Str.class::isInstance).map(value -> ((Str) value).value());
    }

    /** The value of a member that is a number; 0 otherwise. */
    double number(String name) {
      return get(name)
          .filter(Num.class::isInstance)
          .map(value -> ((Num) value).value())
          .orElse(0.0);
    }

    /** The elements of a member that is an array, as far as they are objects. */
    List<Obj> objects(String name) {
      return get(name)
          .filter(Arr.class::isInstance)
          .map(value -> ((Arr) value).elements())
          .orElse(List.of())
          .stream()
          .filter(Obj.class::isInstance)
          .map(Obj.class::cast)
          .toList();
    }
  }

  record Arr(List<JsonValue> elements) implements JsonValue {}

  record Str(String value) implements JsonValue {}

  /** A number as it was written, so that writing it again changes nothing. */
  record Num(String text) implements JsonValue {
    double value() {
      return Double.parseDouble(text);
    }
  }

  record Bool(boolean value) implements JsonValue {}

  record Null() implements JsonValue {}
}
