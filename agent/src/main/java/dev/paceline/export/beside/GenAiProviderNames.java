package dev.paceline.export.beside;

/**
 * Our provider ids as OpenTelemetry's GenAI conventions spell them ({@code gen_ai.provider.name},
 * semantic-conventions-genai); an id that they do not know is left as it is.
 */
final class GenAiProviderNames {
  private GenAiProviderNames() {}

  static String of(String provider) {
    return switch (provider) {
      case "azure-openai" -> "azure.ai.openai";
      case "bedrock" -> "aws.bedrock";
      case "gemini" -> "gcp.gemini";
      case "vertex-ai" -> "gcp.vertex_ai";
      case "mistral" -> "mistral_ai";
      case "moonshot" -> "moonshot_ai";
      case "xai" -> "x_ai";
      default -> provider;
    };
  }
}
