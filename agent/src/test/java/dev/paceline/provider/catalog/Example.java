package dev.paceline.provider.catalog;

import dev.paceline.provider.ChargingModel;
import dev.paceline.provider.Provider;
import dev.paceline.provider.UsageAt;
import dev.paceline.provider.error.Meaning;
import dev.paceline.provider.header.LimitGrammar;
import dev.paceline.provider.path.BasePaths;

/** Example: what is peculiar about it, in a sentence. */
public final class Example {
  private Example() {}

  /** Each line that is not needed is left out. */
  public static Provider provider() {
    return Provider.named("example") // the id, and the provider tag
        .alias("example-ai")
        .hosts("api.example.com", "*.api.example.com") // one star stands for a region or a resource
        .paths(BasePaths.openAi("/v1").anthropic("/v1").build()) // or a PathGrammar of its own
        .limits(LimitGrammar.of(LimitGrammar.Reset.SECONDS)) // how resets are written in headers
        .answerOwners("x-example-organization") // whose limit it is; else the credential
        .code("example_busy", Meaning.CAPACITY) // a code that others do not have
        .charges(ChargingModel.PROMPT_AND_MAX)
        .usage(UsageAt.OPENAI)
        .build();
  }
}
