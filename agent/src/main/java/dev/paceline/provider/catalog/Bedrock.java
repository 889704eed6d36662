package dev.paceline.provider.catalog;

import dev.paceline.provider.ChargingModel;
import dev.paceline.provider.Provider;
import dev.paceline.provider.UsageAt;
import dev.paceline.provider.error.Meaning;
import dev.paceline.provider.path.BedrockPaths;

/**
 * AWS Bedrock: no limit headers and no hints; the exception is named by {@code x-amzn-errortype},
 * the limit by the message alone.
 */
final class Bedrock {
  private Bedrock() {}

  static Provider provider() {
    return Provider.named("bedrock")
        .alias("aws-bedrock", "aws.bedrock", "amazon-bedrock")
        .hosts(
            "bedrock-runtime.*.amazonaws.com",
            "bedrock-runtime-fips.*.amazonaws.com",
            "bedrock-runtime.*.amazonaws.com.cn",
            "bedrock-runtime.*.api.aws",
            "bedrock-runtime-fips.*.api.aws",
            "bedrock-mantle.*.api.aws",
            "bedrock-agent-runtime.*.amazonaws.com",
            "bedrock.*.amazonaws.com",
            "*.vpce.amazonaws.com")
        .paths(new BedrockPaths())
        .credentials("authorization")
        .codeWith("servicequotaexceededexception", "per day", Meaning.TPD)
        .code("servicequotaexceededexception", Meaning.QUOTA)
        .code("throttlingexception", Meaning.LIMITED)
        .code("toomanyrequestsexception", Meaning.LIMITED)
        .code("throttledexception", Meaning.LIMITED)
        .code("serviceunavailableexception", Meaning.CAPACITY)
        .code("modelnotreadyexception", Meaning.CAPACITY)
        .code("modelstreamerrorexception", Meaning.FAILED)
        .code("internalserverexception", Meaning.FAILED)
        .charges(ChargingModel.PROMPT_AND_MAX)
        .givesBack()
        .cacheFree()
        .usage(UsageAt.BEDROCK)
        .build();
  }
}
