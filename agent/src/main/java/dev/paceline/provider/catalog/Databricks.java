package dev.paceline.provider.catalog;

import dev.paceline.provider.Provider;
import dev.paceline.provider.error.Meaning;
import dev.paceline.provider.path.DatabricksPaths;

/** Databricks model serving: the workspace is the host, the endpoint may be in the path. */
final class Databricks {
  private Databricks() {}

  static Provider provider() {
    return Provider.named("databricks")
        .hosts(
            "*.cloud.databricks.com",
            "*.azuredatabricks.net",
            "*.gcp.databricks.com",
            "*.databricks.azure.us",
            "*.databricks.azure.cn")
        .paths(new DatabricksPaths())
        .code("request_limit_exceeded", Meaning.LIMITED)
        .code("resource_exhausted", Meaning.LIMITED)
        .build();
  }
}
