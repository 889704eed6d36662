package dev.paceline.provider.catalog;

import dev.paceline.provider.ChargingModel;
import dev.paceline.provider.Provider;
import dev.paceline.provider.UsageAt;
import dev.paceline.provider.error.Meaning;
import dev.paceline.provider.header.LimitGrammar;
import dev.paceline.provider.path.AzurePaths;

/**
 * Azure OpenAI and Foundry: the resource is in the host, the deployment in the path or the body.
 * Its own text for a breach is "call rate limit" or "token rate limit"; 86,400 seconds mean an
 * allocation that is too small.
 */
final class AzureOpenAi {
  private AzureOpenAi() {}

  static Provider provider() {
    return Provider.named("azure-openai")
        .alias("azure", "azure.ai.openai", "azure-ai", "azure_openai", "azure-foundry")
        .hosts(
            "*.openai.azure.com",
            "*.openai.azure.us",
            "*.openai.azure.cn",
            "*.services.ai.azure.com",
            "*.services.ai.azure.us",
            "*.cognitiveservices.azure.com",
            "*.cognitiveservices.azure.us",
            "*.cognitiveservices.azure.cn",
            "*.api.cognitive.microsoft.com",
            "*.inference.ai.azure.com")
        .paths(new AzurePaths())
        .limits(LimitGrammar.of(LimitGrammar.Reset.AZURE))
        .credentials("api-key", "authorization", "ocp-apim-subscription-key")
        .phrase("exceeded call rate limit", Meaning.RPM)
        .phrase("exceeded token rate limit", Meaning.TPM)
        .phrase("out of call volume quota", Meaning.QUOTA)
        .phrase("exceeded the provisioned throughput", Meaning.CAPACITY)
        .phrase("provisioned managed utilization", Meaning.CAPACITY)
        .charges(ChargingModel.PROMPT_AND_MAX)
        .usage(UsageAt.OPENAI)
        .build();
  }
}
