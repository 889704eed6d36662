package dev.paceline.provider.catalog;

import dev.paceline.provider.Provider;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** All providers, by id and alias. A new provider is one class and one line here. */
public final class Providers {
  private static final List<Provider> ALL =
      List.of(
          OpenAi.provider(),
          AzureOpenAi.provider(),
          Anthropic.provider(),
          Gemini.provider(),
          VertexAi.provider(),
          Bedrock.provider(),
          Mistral.provider(),
          Groq.provider(),
          Cohere.provider(),
          XAi.provider(),
          DeepSeek.provider(),
          Moonshot.provider(),
          StepFun.provider(),
          LmStudio.provider(),
          Ollama.provider(),
          Vllm.provider(),
          Together.provider(),
          Fireworks.provider(),
          Perplexity.provider(),
          OpenRouter.provider(),
          Cerebras.provider(),
          SambaNova.provider(),
          NvidiaNim.provider(),
          GitHubModels.provider(),
          HuggingFace.provider(),
          Databricks.provider(),
          DashScope.provider(),
          Zhipu.provider(),
          MiniMax.provider(),
          Qianfan.provider(),
          SiliconFlow.provider(),
          Volcengine.provider(),
          LiteLlmProxy.provider(),
          CloudflareAiGateway.provider(),
          Generic.provider());

  private static final Map<String, Provider> BY_NAME = index();

  private Providers() {}

  /** Every provider, in the order of the documentation. */
  public static List<Provider> all() {
    return ALL;
  }

  /**
   * The provider with this id or alias, whatever the case; null when there is none. {@code auto}
   * and {@code generic} are the same.
   */
  public static @Nullable Provider find(String idOrAlias) {
    Provider provider = BY_NAME.get(idOrAlias);
    return provider != null ? provider : BY_NAME.get(idOrAlias.trim().toLowerCase(Locale.ROOT));
  }

  private static Map<String, Provider> index() {
    Map<String, Provider> byName = new HashMap<>();
    for (Provider provider : ALL) {
      byName.put(provider.id(), provider);
      for (String alias : provider.aliases()) {
        byName.put(alias, provider);
      }
    }
    return Map.copyOf(byName);
  }
}
