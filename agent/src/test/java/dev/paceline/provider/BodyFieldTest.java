package dev.paceline.provider;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class BodyFieldTest {
  private static @Nullable String read(String body, String... path) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    return BodyField.read(bytes, bytes.length, List.of(path));
  }

  @Test
  void fieldsOfAnyDepthAreFoundWhereverTheyStand() {
    String body =
        "{\"messages\":[{\"user\":\"no\"}],\"metadata\":{\"x\":{\"user_id\":\"no\"},\"user_id\":\"u-1\"},"
            + "\"user\":\"u\\u00e9\",\"n\":42}";
    assertThat(read(body, "user")).isEqualTo("ué");
    assertThat(read(body, "metadata", "user_id")).isEqualTo("u-1");
    assertThat(read(body, "n")).isEqualTo("42");
  }

  @Test
  void whatIsNotThereIsNothing() {
    assertThat(read("{\"metadata\":null,\"user\":{\"id\":1}}", "metadata", "user_id")).isNull();
    assertThat(read("{\"user\":{\"id\":1}}", "user")).isNull();
    assertThat(read("[1]", "user")).isNull();
    assertThat(read("", "user")).isNull();
    assertThat(read("{\"a\":[1,2", "user")).isNull();
    assertThat(read("{\"metadata\":{\"a\":1},\"user_id\":\"u\"}", "metadata", "user_id")).isNull();
  }
}
