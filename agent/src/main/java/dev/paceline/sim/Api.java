package dev.paceline.sim;

/** What a request asks for, as its path says. */
public enum Api {
  /** {@code /v1/chat/completions}, also below an Azure deployment. */
  CHAT,
  /** {@code /v1/responses}. */
  RESPONSES,
  /** {@code /v1/messages}. */
  MESSAGES,
  /** {@code /v1beta/models/{model}:generateContent} and {@code :streamGenerateContent}. */
  GENERATE_CONTENT,
  /** {@code /v1/embeddings}, also below an Azure deployment. */
  EMBEDDINGS
}
