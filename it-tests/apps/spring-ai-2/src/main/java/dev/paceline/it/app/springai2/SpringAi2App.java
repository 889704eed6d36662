package dev.paceline.it.app.springai2;

import dev.paceline.it.app.Runs;
import java.util.Map;
import java.util.stream.Collectors;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.openai.OpenAiChatModel;
import org.springframework.ai.openai.OpenAiChatOptions;

/** Spring AI 2: OpenAI's SDK on an OkHttp client of Spring AI's own. */
public final class SpringAi2App {
  private SpringAi2App() {}

  public static void main(String[] args) throws Exception {
    OpenAiChatModel chat =
        OpenAiChatModel.builder()
            .options(
                OpenAiChatOptions.builder()
                    .baseUrl(Runs.url() + "/v1")
                    .apiKey("sk-it")
                    .model("unused")
                    .build())
            .build();
    Runs.main(
        args,
        Map.of(
            "sync", model -> text(chat.call(ask(model))),
            "stream",
                model ->
                    chat.stream(ask(model))
                        .toStream()
                        .map(SpringAi2App::text)
                        .collect(Collectors.joining())));
  }

  private static Prompt ask(String model) {
    return new Prompt(
        "How fast does light travel?", OpenAiChatOptions.builder().model(model).build());
  }

  private static String text(ChatResponse response) {
    String text = response.getResult() == null ? null : response.getResult().getOutput().getText();
    return text == null ? "" : text;
  }
}
