package dev.paceline.record;

import java.util.regex.Pattern;

/**
 * Model names are request data, and some hold who asks: the organisation of a fine-tuned model, the
 * account of an ARN. What is kept names the model only.
 */
final class RecordedModel {
  private static final int LONGEST = 64;
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:@+/-]*");

  /** What begins like the credentials of a provider; a model's name does not. */
  private static final Pattern SECRET =
      Pattern.compile("(?i)(sk-|sk_|pk-|gsk_|hf_|xai-|ya29|eyJ|Bearer|AIza|AKIA).*");

  private static final String OTHER = "other";

  private RecordedModel() {}

  static String of(String model) {
    String name = model;
    if (name.startsWith("arn:") || name.startsWith("projects/")) {
      name = name.substring(name.lastIndexOf('/') + 1);
    } else if (name.startsWith("ft:")) {
      String[] parts = name.split(":", 3);
      name = parts[0] + ":" + parts[1];
    }
    return name.length() <= LONGEST
            && PLAIN.matcher(name).matches()
            && !SECRET.matcher(name).matches()
        ? name
        : OTHER;
  }
}
