package dev.paceline.export;

import dev.paceline.config.Key;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * Posts a message, in the JSON that Slack and those who copy it take, when a condition begins or
 * ends: at most one in ten minutes for a scope and kind, each tried twice at most. On a thread of
 * the agent's own; nothing of the application's is used or held up.
 */
public final class Webhook {
  /** Between two messages of one scope and kind. */
  static final long PAUSE_MILLIS = 600_000;

  private static final int TIMEOUT_MILLIS = 5_000;
  private static final long RETRY_MILLIS = 2_000;

  /** More than that at once is a storm that nobody reads. */
  private static final int MOST_WAITING = 20;

  /**
   * Who says it.
   *
   * @param service what the application is called; empty when nobody has said
   * @param host this machine
   * @param process id of this process
   */
  public record Sender(String service, String host, long process) {}

  /** Sends one message. */
  interface Post {
    /**
     * @return the HTTP status
     * @throws IOException when there was no answer
     */
    int send(byte[] json) throws IOException;
  }

  private static final class Message {
    final byte[] json;
    final long notBefore;
    final boolean last;

    Message(byte[] json, long notBefore, boolean last) {
      this.json = json;
      this.notBefore = notBefore;
      this.last = last;
    }
  }

  private final Post post;
  private final Sender sender;
  private final Consumer<String> log;
  private final BiConsumer<String, Throwable> faults;
  private final Pause pause = new Pause(PAUSE_MILLIS, Condition::key);
  private final Queue<Message> waiting = new ArrayDeque<>();

  /**
   * @param log hears of messages that could not be delivered; never the address
   * @param faults hears of what should not happen
   */
  public Webhook(
      URI address, Sender sender, Consumer<String> log, BiConsumer<String, Throwable> faults) {
    this(new WebhookPost(address, TIMEOUT_MILLIS), sender, log, faults);
  }

  Webhook(Post post, Sender sender, Consumer<String> log, BiConsumer<String, Throwable> faults) {
    this.post = post;
    this.sender = sender;
    this.log = log;
    this.faults = faults;
  }

  /**
   * Takes what is new and sends what is due; blocks for as long as the other side takes.
   *
   * @param now milliseconds with any origin
   */
  public void tell(long now, List<Notice> notices) {
    for (Notice notice : pause.due(now, notices)) {
      if (waiting.size() < MOST_WAITING) {
        waiting.add(new Message(json(notice).getBytes(StandardCharsets.UTF_8), now, false));
      }
    }
    for (int n = waiting.size(); n > 0; n--) {
      Message message = waiting.remove();
      if (now < message.notBefore) {
        waiting.add(message);
      } else if (!delivered(message) && !message.last) {
        waiting.add(new Message(message.json, now + RETRY_MILLIS, true));
      }
    }
  }

  private boolean delivered(Message message) {
    String why;
    try {
      int status = post.send(message.json);
      if (status / 100 == 2) { // a redirect is not followed, so nobody has the message
        return true;
      }
      why = "it answered " + status;
    } catch (IOException e) {
      why = e.getClass().getName(); // a message of it may quote the address
    } catch (NoClassDefFoundError e) {
      why = "this Java runtime has no module java.net.http";
    } catch (RuntimeException e) {
      faults.accept("export", e);
      return true;
    }
    if (message.last) {
      log.accept("an alert could not be posted to " + Key.PREFIX + "alert.webhook: " + why);
    }
    return false;
  }

  private String json(Notice notice) {
    Condition c = notice.condition();
    String what =
        notice.recovered()
            ? c.provider() + " " + c.model() + ": over (" + c.kind().word() + ")"
            : c.text();
    String who =
        (sender.service().isEmpty() ? "" : sender.service() + " on ")
            + sender.host()
            + ", process "
            + sender.process();
    String mark = notice.recovered() ? ":white_check_mark: " : ":warning: ";
    // Nothing beside "text": not everybody who takes Slack's messages takes more.
    return "{\"text\":\""
        + quoted(mark + "Paceline: " + slack(what) + " [" + slack(who) + "]")
        + "\"}";
  }

  private static String quoted(String text) {
    StringBuilder json = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        json.append('\\').append(c);
      } else if (c < ' ') {
        json.append(String.format("\\u%04x", (int) c));
      } else {
        json.append(c);
      }
    }
    return json.toString();
  }

  /** Slack's own escapes: a model's name must not become a link or call a whole channel. */
  private static String slack(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
