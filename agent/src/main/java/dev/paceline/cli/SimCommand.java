package dev.paceline.cli;

import dev.paceline.sim.LimitRule;
import dev.paceline.sim.Plan;
import dev.paceline.sim.ResponseStyle;
import dev.paceline.sim.http.Arrival;
import dev.paceline.sim.http.SimServer;
import dev.paceline.words.Limit;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.HttpURLConnection;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;

/**
 * {@code sim [OPTIONS]}: a rate-limited provider on a port of loopback, to try a program and a
 * configuration against. It prints its address and runs until the process is ended. With {@code
 * --control} it answers each line on stdin with a line of JSON, what has arrived so far, and ends
 * with stdin.
 */
final class SimCommand implements Command {
  static final Set<String> OPTIONS =
      Set.of("--limit", "--dialect", "--service", "--gap", "--no-headers", "--port", "--control");

  static final String HELP =
      """
        --port N                    port on loopback (default 0: any that is free)
        --limit NAME=N[,OPTION...]  a limit of every model: rpm, tpm, itpm, otpm, rpd, tpd or concurrency; repeatable
                                    options: fixed or rolling (default: continuous), window=SECONDS, burst=N (full size),
                                    initial=N (left at the start), hidden (in no header), charged (rejects count too),
                                    slice=MILLIS (also enforced over a shorter time), half@SECONDS, double@SECONDS,
                                    only=NAME (of models whose names begin so; they have no other limits)
        --dialect ID                openai, anthropic, gemini, azure-openai or generic (default: by path)
        --service MILLIS            time to the first byte of a success (default 0)
        --gap MILLIS                time between the events of a stream (default 0)
        --no-headers                limits are enforced, but no header tells of them
        --control                   answer each line on stdin with a line of JSON (requests, served, limited ... so far,
                                    of the model that the line names, of all when it is empty), and end with stdin

      It prints its address on the first line and runs until it is ended (Ctrl-C). Point the client's base URL at it and
      name it to the agent: -Dpaceline.hosts=127.0.0.1:PORT=openai
      """;

  @Override
  public int run(String[] args, StandardStreams console) {
    SimServer.Builder builder;
    boolean control = List.of(args).contains("--control");
    try {
      builder = parse(args);
    } catch (IllegalArgumentException e) {
      console.err().println("paceline sim: " + e.getMessage());
      return USAGE;
    }
    warm(builder);
    long began = System.nanoTime();
    try (SimServer server = builder.start();
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(console.in(), StandardCharsets.UTF_8))) {
      console.out().println(server.uri());
      console.out().flush();
      if (!control) {
        console
            .err()
            .println(
                "paceline sim: runs until it is ended; name it to the agent with"
                    + " -Dpaceline.hosts=127.0.0.1:"
                    + server.port()
                    + "=openai");
        new CountDownLatch(1).await();
      }
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        console.out().println(report(server, began, line.trim()));
        console.out().flush();
      }
      return OK;
    } catch (IOException e) {
      console.err().println("paceline sim: " + e.getMessage());
      return FAILED;
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
      return OK;
    }
  }

  /**
   * Some hundred requests to a server of its own, for no longer than two seconds: the first answers
   * of a JVM that has just begun take half a second, which a client would take for the provider's.
   */
  private static void warm(SimServer.Builder settings) {
    long until = System.nanoTime() + Duration.ofSeconds(2).toNanos();
    byte[] body = "{\"model\":\"warm\",\"messages\":[]}".getBytes(StandardCharsets.UTF_8);
    try (SimServer server =
        settings.copy().port(0).service(Duration.ZERO).eventGap(Duration.ZERO).start()) {
      Thread[] clients = new Thread[8];
      for (int i = 0; i < clients.length; i++) {
        clients[i] = new Thread(() -> ask(server, body, until));
        clients[i].start();
      }
      for (Thread client : clients) {
        client.join();
      }
    } catch (IOException e) {
      // then it is not warm
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void ask(SimServer server, byte[] body, long until) {
    try {
      URL url = server.uri().resolve("/v1/chat/completions").toURL();
      for (int i = 0; i < 60 && System.nanoTime() - until < 0; i++) {
        HttpURLConnection call = (HttpURLConnection) url.openConnection();
        call.setDoOutput(true);
        call.getOutputStream().write(body);
        try (InputStream in =
            call.getResponseCode() < 400 ? call.getInputStream() : call.getErrorStream()) {
          in.readAllBytes();
        }
      }
    } catch (IOException e) {
      // then it is not as warm
    }
  }

  static SimServer.Builder parse(String[] args) {
    SimServer.Builder builder = SimServer.builder();
    Map<String, List<LimitRule>> rules = new LinkedHashMap<>();
    for (int i = 0; i < args.length; i++) {
      String option = args[i];
      switch (option) {
        case "--limit" -> {
          String text = value(args, ++i);
          rules.computeIfAbsent(only(text), name -> new ArrayList<>()).add(rule(text));
        }
        case "--dialect" -> builder.dialect(value(args, ++i));
        case "--service" -> builder.service(Duration.ofMillis(number(value(args, ++i))));
        case "--gap" -> builder.eventGap(Duration.ofMillis(number(value(args, ++i))));
        case "--port" -> builder.port(port(value(args, ++i)));
        case "--control" -> {} // looked at above
        case "--no-headers" -> builder.manners(ResponseStyle.DOCUMENTED.withoutLimitHeaders());
        default -> throw new IllegalArgumentException("unknown option " + option);
      }
    }
    rules.forEach(
        (only, own) -> {
          if (only.isEmpty()) {
            builder.plan(new Plan(own));
          } else {
            builder.plan(only, new Plan(own));
          }
        });
    return builder;
  }

  private static String only(String text) {
    int at = text.indexOf(",only=");
    return at < 0 ? "" : text.substring(at + 6).split(",", 2)[0];
  }

  private static LimitRule rule(String text) {
    String[] parts = text.split(",", -1);
    String[] head = parts[0].split("=", 2);
    Limit limit = limit(head[0]);
    long amount = number(head.length == 2 ? head[1] : "");
    if (limit == Limit.CONCURRENCY) {
      return LimitRule.concurrency(amount);
    }
    boolean day = limit == Limit.RPD || limit == Limit.TPD;
    Duration window = day ? Duration.ofDays(1) : Duration.ofMinutes(1);
    String kind = "continuous";
    for (int i = 1; i < parts.length; i++) {
      if (parts[i].startsWith("window=")) {
        window = Duration.ofSeconds(number(parts[i].substring(7)));
      } else if (parts[i].equals("fixed") || parts[i].equals("rolling")) {
        kind = parts[i];
      }
    }
    LimitRule rule =
        switch (kind) {
          case "fixed" -> LimitRule.fixed(limit, amount, window);
          case "rolling" -> LimitRule.rolling(limit, amount, window);
          default -> LimitRule.continuous(limit, amount, window);
        };
    for (int i = 1; i < parts.length; i++) {
      rule = with(rule, parts[i]);
    }
    return rule;
  }

  private static LimitRule with(LimitRule rule, String option) {
    String value = option.substring(option.indexOf('=') + 1);
    if (option.startsWith("burst=")) {
      return rule.withBurst(number(value));
    } else if (option.startsWith("initial=")) {
      return rule.withInitial(value.equals("0") ? 0 : number(value));
    } else if (option.startsWith("slice=")) {
      return rule.sliced(Duration.ofMillis(number(value)), false);
    } else if (option.startsWith("half@")) {
      return rule.changing(Duration.ofSeconds(number(option.substring(5))), rule.amount() / 2);
    } else if (option.startsWith("double@")) {
      return rule.changing(Duration.ofSeconds(number(option.substring(7))), rule.amount() * 2);
    }
    return switch (option) {
      case "hidden" -> rule.asHidden();
      case "charged" -> rule.chargingRejected();
      case "fixed", "rolling", "continuous" -> rule;
      default -> {
        if (option.startsWith("window=") || option.startsWith("only=")) {
          yield rule;
        }
        throw new IllegalArgumentException("unknown option of a limit: " + option);
      }
    };
  }

  private static Limit limit(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "rpm" -> Limit.RPM;
      case "tpm" -> Limit.TPM;
      case "itpm" -> Limit.ITPM;
      case "otpm" -> Limit.OTPM;
      case "rpd" -> Limit.RPD;
      case "tpd" -> Limit.TPD;
      case "concurrency" -> Limit.CONCURRENCY;
      default -> throw new IllegalArgumentException("no such limit: " + name);
    };
  }

  private static String value(String[] args, int at) {
    if (at >= args.length) {
      throw new IllegalArgumentException(args[at - 1] + " needs a value");
    }
    return args[at];
  }

  private static int port(String text) {
    long port = number(text);
    if (port > 65_535) {
      throw new IllegalArgumentException("not a port: " + text);
    }
    return (int) port;
  }

  private static long number(String text) {
    try {
      long number = Long.parseLong(text);
      if (number >= 0) {
        return number;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw new IllegalArgumentException("not a number: " + text);
  }

  /**
   * What arrived so far.
   *
   * @param model of this model only; all when empty
   */
  private static String report(SimServer server, long began, String model) {
    long first = 0;
    long last = 0;
    int requests = 0;
    int served = 0;
    int limited = 0;
    long lastLimited = 0;
    List<long[]> ends = new ArrayList<>();
    long input = 0;
    long output = 0;
    Map<String, Integer> limits = new TreeMap<>();
    for (Arrival arrival : server.records()) {
      if (!model.isEmpty() && !arrival.model().equals(model)) {
        continue;
      }
      first = requests == 0 ? arrival.nanos() : first;
      requests++;
      input += arrival.inputTokens();
      output += arrival.outputTokens();
      if (arrival.status() == 429) {
        limited++;
        lastLimited = arrival.nanos();
        arrival.limit().ifPresent(limit -> limits.merge(limit.tag(), 1, Integer::sum));
      } else if (arrival.accepted()) {
        served++;
        // When the last one was let in: how long the provider was kept busy.
        last = arrival.nanos();
        ends.add(new long[] {arrival.nanos(), 1});
        if (arrival.answeredNanos() != Arrival.NOT_YET) {
          ends.add(new long[] {arrival.answeredNanos(), -1});
        }
      }
    }
    return String.format(
        Locale.ROOT,
        "{\"requests\":%d,\"served\":%d,\"limited\":%d,\"limits\":{%s},\"input_tokens\":%d,\"output_tokens\":%d,"
            + "\"first_ms\":%d,\"last_ms\":%d,\"last_limited_ms\":%d,\"most_at_a_time\":%d,\"burst_100ms\":%d}",
        requests,
        served,
        limited,
        limits.entrySet().stream()
            .map(limit -> "\"" + limit.getKey() + "\":" + limit.getValue())
            .collect(Collectors.joining(",")),
        input,
        output,
        requests == 0 ? 0 : (first - began) / 1_000_000,
        served == 0 ? 0 : (last - began) / 1_000_000,
        limited == 0 ? 0 : (lastLimited - began) / 1_000_000,
        most(ends),
        server.largestBurst(100));
  }

  /**
   * The most that were being served at one time.
   *
   * @param ends instants, with 1 for a beginning and -1 for an end
   */
  private static int most(List<long[]> ends) {
    ends.sort((a, b) -> Long.compare(a[0], b[0]));
    int most = 0;
    int now = 0;
    for (long[] end : ends) {
      now += (int) end[1];
      most = Math.max(most, now);
    }
    return most;
  }
}
