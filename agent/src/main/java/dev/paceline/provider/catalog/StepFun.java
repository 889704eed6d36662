package dev.paceline.provider.catalog;

import dev.paceline.provider.Provider;
import dev.paceline.provider.error.Meaning;
import dev.paceline.provider.path.BasePaths;

/** StepFun: mostly a limit of requests in flight; a stream holds its place until it ends. */
final class StepFun {
  private StepFun() {}

  static Provider provider() {
    return Provider.named("stepfun")
        .alias("step")
        .hosts("api.stepfun.com", "api.stepfun.ai")
        .paths(
            BasePaths.openAi("/v1", "/step_plan/v1")
                .anthropic("/v1", "/step_plan/v1")
                .othersBelow("/v1")
                .build())
        .code("request_limited", Meaning.LIMITED)
        .build();
  }
}
