package dev.paceline.provider.catalog;

import dev.paceline.provider.Provider;
import dev.paceline.provider.error.Meaning;
import dev.paceline.provider.path.BasePaths;

/** Zhipu (Z.ai): bare numbers for codes, no headers at all. */
final class Zhipu {
  private Zhipu() {}

  static Provider provider() {
    return Provider.named("zhipu")
        .alias("z.ai", "zai", "glm", "bigmodel", "zhipuai")
        .hosts("open.bigmodel.cn", "api.z.ai")
        .paths(
            BasePaths.openAi("/api/paas/v4", "/api/coding/paas/v4", "/api/v1")
                .anthropic("/api/anthropic/v1", "/api/anthropic")
                .othersBelow("/api/paas/v4")
                .build())
        .ownCode("1113", Meaning.QUOTA)
        .ownCode("1308", Meaning.QUOTA)
        .ownCode("1309", Meaning.QUOTA)
        .ownCode("1310", Meaning.QUOTA)
        .ownCode("1311", Meaning.QUOTA)
        .ownCode("1313", Meaning.QUOTA)
        .ownCode("1314", Meaning.QUOTA)
        .ownCode("1302", Meaning.CONCURRENCY)
        .ownCode("1303", Meaning.RPM)
        .ownCode("1304", Meaning.RPD)
        .ownCode("1305", Meaning.CAPACITY)
        .ownCode("1312", Meaning.CAPACITY)
        .ownCode("1261", Meaning.TOO_LARGE)
        .build();
  }
}
