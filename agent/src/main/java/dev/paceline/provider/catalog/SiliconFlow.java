package dev.paceline.provider.catalog;

import dev.paceline.provider.Provider;
import dev.paceline.provider.error.Meaning;
import dev.paceline.provider.path.BasePaths;

/** SiliconFlow: flat bodies, the message names the limit. */
final class SiliconFlow {
  private SiliconFlow() {}

  static Provider provider() {
    return Provider.named("siliconflow")
        .alias("silicon-flow")
        .hosts("api.siliconflow.cn", "api.siliconflow.com")
        .paths(BasePaths.openAi("/v1").anthropic("/v1").othersBelow("/v1").build())
        .ownCode("30001", Meaning.QUOTA)
        .ownCode("50505", Meaning.CAPACITY)
        .ownCode("50603", Meaning.CAPACITY)
        .ownCode("50602", Meaning.LIMITED)
        .build();
  }
}
