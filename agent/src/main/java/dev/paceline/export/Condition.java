package dev.paceline.export;

/**
 * Something that somebody wants to be told of while it is so.
 *
 * @param kind what sort of thing
 * @param provider provider id
 * @param owner owner of the limit; empty when it is about all owners of the model; never a
 *     credential
 * @param model the model's name, fit to print
 * @param limit value of the {@code limit} tag
 * @param text one sentence for a person, with the figures of now
 */
public record Condition(
    Kind kind, String provider, String owner, String model, String limit, String text) {

  /** Sorts of conditions. */
  public enum Kind {
    /** A limit is used up and calls feel it. */
    SATURATED("saturated"),
    /** More than one attempt in a hundred is refused. */
    REFUSED("refused"),
    /** Plan or money is used up. */
    QUOTA("quota"),
    /** Many calls fail. */
    FAILING("failing");

    private final String word;

    Kind(String word) {
      this.word = word;
    }

    /** As in log lines and messages. */
    public String word() {
      return word;
    }
  }

  /** Whose condition it is; the same from one look to the next. */
  String scope() {
    return provider + "\n" + owner + "\n" + model;
  }

  String key() {
    return kind + "\n" + scope();
  }
}
