package dev.paceline.tokens;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingRegistry;
import com.knuddels.jtokkit.api.EncodingType;
import java.util.Locale;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * OpenAI's encodings. A table is loaded in the background when it is first asked for (half a second
 * and some 30 MB of heap for o200k); until then there is none, and an estimate serves.
 */
final class Tables {
  private final Executor background;
  private final Slot o200k = new Slot(true);
  private final Slot cl100k = new Slot(false);

  /**
   * @param background where a table is loaded; may refuse
   */
  Tables(Executor background) {
    this.background = background;
  }

  /** The model's table; null as long as it is not loaded. */
  @Nullable Encoding of(String model) {
    Slot slot = cl100k(model.toLowerCase(Locale.ROOT)) ? cl100k : o200k;
    Encoding loaded = slot.encoding.get();
    if (loaded == null && slot.asked.compareAndSet(false, true)) {
      try {
        background.execute(slot);
      } catch (RuntimeException e) {
        slot.asked.set(false);
      }
    }
    return loaded;
  }

  /** Whether OpenAI made the model: a name in lower case, with or without a vendor before it. */
  static boolean openAi(String provider, String model) {
    int slash = model.lastIndexOf('/');
    String name = slash < 0 ? model : model.substring(slash + 1);
    if (name.startsWith("openai.")) {
      name = name.substring(7);
    }
    if (name.startsWith("ft:")) {
      name = name.substring(3);
    }
    boolean own = provider.equals("openai") || provider.equals("azure-openai");
    boolean others =
        name.startsWith("cohere") || name.startsWith("llama") || name.startsWith("phi-");
    return name.startsWith("gpt-")
        || name.startsWith("chatgpt-")
        || name.startsWith("text-embedding-3")
        || name.startsWith("text-embedding-ada")
        || (name.length() > 1
            && name.charAt(0) == 'o'
            && name.charAt(1) >= '1'
            && name.charAt(1) <= '9')
        || (own && !others);
  }

  /** Models before GPT-4o. */
  static boolean cl100k(String model) {
    return model.contains("gpt-3.5")
        || model.contains("gpt-35")
        || model.contains("embedding")
        || model.contains("davinci")
        || model.contains("babbage")
        || (model.contains("gpt-4")
            && !model.contains("gpt-4o")
            && !model.contains("gpt-4.1")
            && !model.contains("gpt-4-1-")
            && !model.endsWith("gpt-4-1")
            && !model.contains("gpt-4.5"));
  }

  /** Models that think before they answer; their template is a token shorter: measured. */
  static boolean thinks(String model) {
    return model.contains("gpt-5")
        || model.equals("o1")
        || model.startsWith("o1-20")
        || model.startsWith("o3")
        || model.startsWith("o4");
  }

  /** GPT-5 up to 5.5 are shown a wrapper for parallel calls beside two or more tools: measured. */
  static boolean wrapsParallelCalls(String model) {
    return model.contains("gpt-5") && !model.contains("gpt-5.6");
  }

  private static final class Slot implements Runnable {
    private final boolean newer;
    final AtomicReference<@Nullable Encoding> encoding = new AtomicReference<>();
    final AtomicBoolean asked = new AtomicBoolean();

    // Not the library's own type: its classes are loaded with the first table.
    Slot(boolean newer) {
      this.newer = newer;
    }

    @Override
    public void run() {
      EncodingRegistry registry = Encodings.newLazyEncodingRegistry();
      encoding.set(
          registry.getEncoding(newer ? EncodingType.O200K_BASE : EncodingType.CL100K_BASE));
    }
  }
}
