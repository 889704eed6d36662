package dev.paceline.tokens;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Tools as OpenAI's models are shown them. */
class ToolScriptTest {
  private static String script(String json) {
    byte[] body = json.getBytes(StandardCharsets.UTF_8);
    return ToolScript.of(body, 0, body.length).toString();
  }

  @Test
  void toolsOfAllThreeFormsAreDeclaredAlike() {
    String parameters =
        "\"parameters\": {\"type\": \"object\", \"properties\": {\"city\": {\"description\": \"Say \\\"Bern\\\"\", \"type\": \"string\"}, \"unit\": {\"type\": \"string\", \"enum\": [\"c\", \"f\"], \"default\": \"c\"}}, \"required\": [\"city\"]}";
    String inner =
        "{\"name\": \"weather\", \"description\": \"Tells the weather.\", " + parameters + "}";
    String declared =
        """
        # Tools

        ## functions

        namespace functions {

        // Tells the weather.
        type weather = (_: {
        // Say "Bern"
        city: string,
        unit: "c" | "f", // default: "c"
        }) => any;

        } // namespace functions""";
    assertThat(script("[{\"type\": \"function\", \"function\": " + inner + "}]"))
        .as("chat")
        .isEqualTo(declared);
    assertThat(script("[" + inner + "]")).as("legacy functions").isEqualTo(declared);
    assertThat(
            script(
                "[{\"strict\": true, \"type\": \"function\", "
                    + inner.substring(1, inner.length() - 1)
                    + "}]"))
        .as("responses")
        .isEqualTo(declared);
  }

  @Test
  void schemasInSchemasAreWrittenOut() {
    assertThat(
            script(
                "[{\"name\":\"a\",\"parameters\":{\"properties\":{"
                    + "\"one\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"properties\":{\"x\":{\"type\":[\"number\",\"null\"]}}}},"
                    + "\"two\":{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"array\",\"items\":{\"type\":\"integer\"}},{\"$ref\":\"#/$defs/A\"}]},"
                    + "\"three\":{\"const\":7},\"four\":{\"enum\":[1,true,null]},\"five\":{}}}},"
                    + "{\"name\":\"b\",\"description\":\"\",\"parameters\":{\"type\":\"object\",\"properties\":{}}},"
                    + "{\"type\":\"web_search\"}]"))
        .isEqualTo(
            """
            # Tools

            ## functions

            namespace functions {

            type a = (_: {
            one: {
            x: number | null,
            }[],
            two: string | integer[] | any,
            three: 7,
            four: 1 | true | null,
            five: any,
            }) => any;

            type b = () => any;

            } // namespace functions""");
  }

  @Test
  void whatDeclaresNothingIsNothing() {
    assertThat(script("[]")).isEmpty();
    assertThat(script("[{\"type\":\"web_search\"}]")).isEmpty();
    assertThat(script("{}")).isEmpty();
    assertThat(script("7")).isEmpty();
  }

  @Test
  void deepAndBrokenSchemasEnd() {
    String deep = "{\"properties\":{\"a\":".repeat(5_000);
    assertThat(script("[{\"name\":\"a\",\"parameters\":" + deep)).contains("any");
    assertThat(script("[".repeat(50_000))).isEmpty();
    Random random = new Random(4);
    String whole =
        "[{\"name\":\"a\",\"parameters\":{\"properties\":{\"b\":{\"enum\":[\"c\\\"\",1]},\"d\":{\"items\":{\"type\":[\"x\"]}}}}}]";
    for (int round = 0; round < 20_000; round++) {
      StringBuilder noise = new StringBuilder(whole);
      for (int i = 0; i < 4; i++) {
        int at = random.nextInt(noise.length());
        if (random.nextBoolean()) {
          noise.deleteCharAt(at);
        } else {
          noise.insert(at, "{}[]\",:\\ a".charAt(random.nextInt(10)));
        }
      }
      noise.setLength(random.nextInt(noise.length() + 1));
      assertThat(script(noise.toString()).length()).isLessThan(500);
    }
  }
}
