package dev.paceline.provider.catalog;

import static dev.paceline.words.Operation.EMBEDDING;
import static dev.paceline.words.Operation.GENERATION;
import static dev.paceline.words.Operation.IMAGE;
import static dev.paceline.words.Operation.RERANK;

import dev.paceline.provider.Provider;
import dev.paceline.provider.error.Meaning;
import dev.paceline.provider.path.BasePaths;
import dev.paceline.provider.path.BothPaths;
import dev.paceline.provider.path.PathGrammar;

/**
 * Baidu Qianfan: v2 speaks OpenAI's paths with codes of its own, v1 answers 200 with {@code
 * error_code}.
 */
final class Qianfan {
  private static final PathGrammar V1 =
      BasePaths.own("/rpc/2.0/ai_custom/v1/wenxinworkshop/chat", GENERATION)
          .ownAndBelow("/rpc/2.0/ai_custom/v1/wenxinworkshop/chat", GENERATION)
          .ownAndBelow("/rpc/2.0/ai_custom/v1/wenxinworkshop/completions", GENERATION)
          .ownAndBelow("/rpc/2.0/ai_custom/v1/wenxinworkshop/embeddings", EMBEDDING)
          .ownAndBelow("/rpc/2.0/ai_custom/v1/wenxinworkshop/reranker", RERANK)
          .ownAndBelow("/rpc/2.0/ai_custom/v1/wenxinworkshop/text2image", IMAGE)
          .build();

  private Qianfan() {}

  static Provider provider() {
    return Provider.named("qianfan")
        .alias("baidu", "ernie", "wenxin")
        .hosts("qianfan.baidubce.com")
        .host("aip.baidubce.com", V1)
        .paths(new BothPaths(BasePaths.openAi("/v2").othersBelow("/v2").build(), V1))
        .errorsInsideSuccess()
        .code("rpm_rate_limit_exceeded", Meaning.RPM)
        .code("tpm_rate_limit_exceeded", Meaning.TPM)
        .code("input_tpm_rate_limit_exceeded", Meaning.ITPM)
        .code("output_tpm_rate_limit_exceeded", Meaning.OTPM)
        .code("error_code:18", Meaning.RPM)
        .code("error_code:4", Meaning.RPM)
        .code("error_code:336501", Meaning.RPM)
        .code("error_code:336502", Meaning.TPM)
        .code("error_code:17", Meaning.RPD)
        .code("error_code:19", Meaning.QUOTA)
        .code("error_code:336100", Meaning.CAPACITY)
        .code("error_code:336103", Meaning.TOO_LARGE)
        .code("error_code:336007", Meaning.TOO_LARGE)
        .build();
  }
}
