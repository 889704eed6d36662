package dev.paceline.provider;

import static dev.paceline.provider.Signatures.signatureValidUntilEpochMillis;
import static org.assertj.core.api.Assertions.assertThat;

import dev.paceline.words.Headers;
import org.junit.jupiter.api.Test;

class SignaturesTest {
  private static final String AWS4 =
      "AWS4-HMAC-SHA256 Credential=AKID/20231114/us-east-1/bedrock/aws4_request,"
          + " SignedHeaders=host, Signature=0";
  private static final long SIGNED = 1_700_000_000_000L;

  @Test
  void awsSignaturesHoldForFiveMinutes() {
    assertThat(
            signatureValidUntilEpochMillis(
                TestHeaders.of("Authorization", AWS4, "X-Amz-Date", "20231114T221320Z")))
        .isEqualTo(SIGNED + 300_000);
    assertThat(
            signatureValidUntilEpochMillis(
                TestHeaders.of("Authorization", AWS4, "Date", "Tue, 14 Nov 2023 22:13:20 GMT")))
        .isEqualTo(SIGNED + 300_000);
  }

  @Test
  void baidusSignaturesSayForHowLongTheyHold() {
    assertThat(
            signatureValidUntilEpochMillis(
                TestHeaders.of(
                    "authorization", "bce-auth-v1/ak/2023-11-14T22:13:20Z/1800/host/0123")))
        .isEqualTo(SIGNED + 1_800_000);
  }

  @Test
  void everythingElseMayAlwaysBeSent() {
    assertThat(signatureValidUntilEpochMillis(Headers.NONE)).isEqualTo(Signatures.ALWAYS);
    for (String authorization :
        new String[] {"Bearer sk-1", AWS4, "bce-auth-v1/ak", "bce-auth-v1/ak/soon/1/h/s", ""}) {
      assertThat(signatureValidUntilEpochMillis(TestHeaders.of("authorization", authorization)))
          .as(authorization)
          .isEqualTo(Signatures.ALWAYS);
    }
    assertThat(
            signatureValidUntilEpochMillis(
                TestHeaders.of("Authorization", AWS4, "X-Amz-Date", "yesterday")))
        .isEqualTo(Signatures.ALWAYS);
    assertThat(
            signatureValidUntilEpochMillis(
                TestHeaders.of("Authorization", "Bearer k", "X-Amz-Date", "20231114T221320Z")))
        .as("a Bedrock API key signs nothing")
        .isEqualTo(Signatures.ALWAYS);
  }
}
