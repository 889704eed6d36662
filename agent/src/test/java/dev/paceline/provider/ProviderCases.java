package dev.paceline.provider;

import dev.paceline.provider.header.LimitGrammar;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * What has to be there for a provider besides its class, as {@code docs/adding-a-provider.md} says:
 * without a URL, an answer and headers nobody would notice that a grammar does not fit.
 */
final class ProviderCases {
  private static final String FOLDER = "agent/src/test/resources/dev/paceline/provider/";

  private ProviderCases() {}

  /** Lines of {@code urls.txt}: URL without scheme, id, operation. */
  static List<String> urls() throws IOException {
    return lines("urls.txt").stream().filter(line -> !line.startsWith("#")).toList();
  }

  static List<String> answers() throws IOException {
    return lines("answers.jsonl");
  }

  static List<String> successHeaders() throws IOException {
    return lines("success-headers.jsonl");
  }

  private static List<String> lines(String name) throws IOException {
    try (InputStream in = ProviderCases.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.isBlank())
          .toList();
    }
  }

  /** What is missing, and what to add where; empty when nothing is. */
  static List<String> missing(
      Provider provider, List<String> urls, List<String> answers, List<String> successHeaders) {
    String id = provider.id();
    Set<String> names = new TreeSet<>(provider.aliases());
    names.add(id);
    List<String> missing = new ArrayList<>();
    if (!provider.hosts().isEmpty()
        && urls.stream().noneMatch(line -> line.split(" ")[1].equals(id))) {
      missing.add(
          "no URL of "
              + id
              + ": add a line \""
              + provider.hosts().get(0).pattern().replace("*", "eu")
              + "/v1/chat/completions "
              + id
              + " GENERATION\" to "
              + FOLDER
              + "urls.txt, with a path as the provider documents it");
    }
    if (answers.stream().noneMatch(line -> isOf(line, names))) {
      missing.add(
          "no answer of "
              + id
              + ": add a line {\"name\": …, \"provider\": \""
              + id
              + "\", \"status\": 429, \"headers\": {…}, \"body\": …, \"expected\": {\"kind\":"
              + " \"LIMITED\", \"limit\": \"rpm\", \"retryable\": true}} for each limit to "
              + FOLDER
              + "answers.jsonl, headers and body as they came");
    }
    boolean announces = !provider.limits().equals(LimitGrammar.UNKNOWN);
    if (announces
        && successHeaders.stream().noneMatch(line -> isOf(line, names))
        && answers.stream()
            .noneMatch(
                line ->
                    isOf(line, names) && line.toLowerCase(Locale.ROOT).contains("ratelimit-"))) {
      missing.add(
          "no headers of "
              + id
              + ", although its class says how they are written: add a line {\"provider\": \""
              + id
              + "\", \"status\": 200, \"headers\": {…}} to "
              + FOLDER
              + "success-headers.jsonl, as they came with a served answer");
    }
    return missing;
  }

  private static boolean isOf(String line, Set<String> names) {
    String plain = line.replace("\": \"", "\":\"");
    return names.stream().anyMatch(name -> plain.contains("\"provider\":\"" + name + "\""));
  }
}
