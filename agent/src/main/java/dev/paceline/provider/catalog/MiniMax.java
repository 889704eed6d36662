package dev.paceline.provider.catalog;

import static dev.paceline.words.Operation.AUDIO;
import static dev.paceline.words.Operation.FILES;
import static dev.paceline.words.Operation.GENERATION;
import static dev.paceline.words.Operation.IMAGE;
import static dev.paceline.words.Operation.VIDEO;

import dev.paceline.provider.Provider;
import dev.paceline.provider.error.Meaning;
import dev.paceline.provider.path.BasePaths;

/** MiniMax: errors are a status code inside HTTP 200, {@code base_resp.status_code}. */
final class MiniMax {
  private MiniMax() {}

  static Provider provider() {
    return Provider.named("minimax")
        .alias("mini-max", "hailuo")
        .hosts("api.minimax.io", "api.minimaxi.com", "api.minimax.chat", "api-uw.minimax.io")
        .paths(
            BasePaths.openAi("/v1")
                .anthropic("/anthropic/v1")
                .own("/v1/text/chatcompletion_v2", GENERATION)
                .own("/v1/text/chatcompletion_pro", GENERATION)
                .own("/v1/image_generation", IMAGE)
                .ownAndBelow("/v1/video_generation", VIDEO)
                .ownAndBelow("/v1/query", VIDEO)
                .own("/v1/t2a_v2", AUDIO)
                .ownAndBelow("/v1/t2a_async_v2", AUDIO)
                .ownAndBelow("/v1/files", FILES)
                .othersBelow("/v1")
                .build())
        .errorsInsideSuccess()
        .code("base_resp:1008", Meaning.QUOTA)
        .code("base_resp:2056", Meaning.QUOTA)
        // The paths in OpenAI's and Anthropic's manner write the same numbers as codes.
        .ownCode("1002", Meaning.REQUESTS_LIKELY)
        .ownCode("1008", Meaning.QUOTA)
        .ownCode("1039", Meaning.TPM)
        .ownCode("1041", Meaning.CONCURRENCY)
        .ownCode("2045", Meaning.REQUESTS_LIKELY)
        .ownCode("2056", Meaning.QUOTA)
        .code("base_resp:1002", Meaning.REQUESTS_LIKELY)
        .code("base_resp:2045", Meaning.REQUESTS_LIKELY)
        .code("base_resp:1039", Meaning.TPM)
        .code("base_resp:1041", Meaning.CONCURRENCY)
        .code("base_resp:1000", Meaning.FAILED)
        .code("base_resp:1013", Meaning.FAILED)
        .build();
  }
}
