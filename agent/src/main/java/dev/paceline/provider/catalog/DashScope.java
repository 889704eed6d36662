package dev.paceline.provider.catalog;

import static dev.paceline.words.Operation.AUDIO;
import static dev.paceline.words.Operation.EMBEDDING;
import static dev.paceline.words.Operation.GENERATION;
import static dev.paceline.words.Operation.IMAGE;
import static dev.paceline.words.Operation.RERANK;
import static dev.paceline.words.Operation.VIDEO;

import dev.paceline.provider.Provider;
import dev.paceline.provider.error.Meaning;
import dev.paceline.provider.path.BasePaths;

/**
 * Alibaba DashScope (Qwen): "quota" is most often its word for tokens per minute, and the same code
 * can be final; the message decides.
 */
final class DashScope {
  private DashScope() {}

  static Provider provider() {
    return Provider.named("dashscope")
        .alias("qwen", "alibaba", "aliyun", "bailian")
        .hosts(
            "dashscope.aliyuncs.com",
            "dashscope-intl.aliyuncs.com",
            "dashscope-us.aliyuncs.com",
            "dashscope-finance.aliyuncs.com",
            "*.dashscope.aliyuncs.com")
        .paths(
            BasePaths.openAi("/compatible-mode/v1", "/api/v1", "/compatible-api/v1")
                .anthropic("/apps/anthropic/v1", "/api/v2/apps/claude-code-proxy/v1")
                .ownAndBelow("/api/v1/services/aigc/text-generation", GENERATION)
                .ownAndBelow("/api/v1/services/aigc/multimodal-generation", GENERATION)
                .ownAndBelow("/api/v1/services/aigc/text2image", IMAGE)
                .ownAndBelow("/api/v1/services/aigc/image2image", IMAGE)
                .ownAndBelow("/api/v1/services/aigc/image-generation", IMAGE)
                .ownAndBelow("/api/v1/services/aigc/video-generation", VIDEO)
                .ownAndBelow("/api/v1/services/aigc/image2video", VIDEO)
                .ownAndBelow("/api/v1/services/embeddings", EMBEDDING)
                .ownAndBelow("/api/v1/services/rerank", RERANK)
                .ownAndBelow("/api/v1/services/audio", AUDIO)
                .ownAndBelow("/api/v1/apps", GENERATION)
                .othersBelow("/api/v1/services")
                .build())
        .phrase("free allocated quota exceeded", Meaning.QUOTA)
        .phrase("free tier of the model has been exhausted", Meaning.QUOTA)
        .code("arrearage", Meaning.QUOTA)
        .code("prepaidbilloverdue", Meaning.QUOTA)
        .code("postpaidbilloverdue", Meaning.QUOTA)
        .code("commoditynotpurchased", Meaning.QUOTA)
        .code("allocationquota.freetieronly", Meaning.QUOTA)
        .code("throttling.serviceoverloaded", Meaning.CAPACITY)
        .code("throttling.allocationquota", Meaning.TPM)
        .ownCode("insufficient_quota", Meaning.TPM)
        .code("throttling.ratequota", Meaning.RPM)
        .code("throttling.burstrate", Meaning.RPM)
        .code("limitrequests", Meaning.RPM)
        .code("limit_requests", Meaning.RPM)
        .code("limit_burst_rate", Meaning.RPM)
        .code("throttling", Meaning.LIMITED)
        .code("ratelimiterror", Meaning.LIMITED)
        .build();
  }
}
