package dev.paceline.provider.catalog;

import static dev.paceline.words.Operation.RERANK;

import dev.paceline.provider.ChargingModel;
import dev.paceline.provider.Provider;
import dev.paceline.provider.UsageAt;
import dev.paceline.provider.path.BasePaths;

/** NVIDIA NIM (build.nvidia.com): a bare problem document, no headers. */
final class NvidiaNim {
  private NvidiaNim() {}

  static Provider provider() {
    return Provider.named("nvidia-nim")
        .alias("nvidia", "nim", "nvidia_nim")
        .hosts("integrate.api.nvidia.com")
        .host(
            "ai.api.nvidia.com",
            BasePaths.openAi("/v1").ownAndBelow("/v1/retrieval", RERANK).build())
        .paths(BasePaths.openAi("/v1").othersBelow("/v1").build())
        .charges(ChargingModel.NOTHING)
        .usage(UsageAt.OPENAI)
        .build();
  }
}
