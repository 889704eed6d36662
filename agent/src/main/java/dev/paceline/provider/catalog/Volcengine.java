package dev.paceline.provider.catalog;

import dev.paceline.provider.Provider;
import dev.paceline.provider.error.Meaning;
import dev.paceline.provider.path.BasePaths;

/** Volcengine Ark: one code a limit, the name of the limit inside the code. */
final class Volcengine {
  private Volcengine() {}

  static Provider provider() {
    return Provider.named("volcengine")
        .alias("ark", "doubao", "volc")
        .hosts("ark.*.volces.com", "ark.*.bytepluses.com")
        .paths(
            BasePaths.openAi("/api/v3", "/api/coding/v3", "/api/v3/bots")
                .anthropic("/api/coding/v1", "/api/coding", "/api/compatible/v1")
                .othersBelow("/api/v3")
                .build())
        .code("accountquotaexceeded", Meaning.QUOTA)
        .code("accountoverdueerror", Meaning.QUOTA)
        .code("setlimitexceeded", Meaning.QUOTA)
        .code("quotaexceeded", Meaning.QUOTA)
        .code("inflightbatchsizeexceeded", Meaning.CONCURRENCY)
        .code("requestbursttoofast", Meaning.RPM)
        .code("serveroverloaded", Meaning.CAPACITY)
        .code("accountratelimitexceeded", Meaning.REQUESTS_LIKELY)
        .build();
  }
}
