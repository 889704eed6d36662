package dev.paceline.okhttp.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;

/** What a client's list of interceptors looks like. */
public final class Building extends Scenario {
  private static boolean isOurs(Interceptor interceptor) {
    return interceptor.getClass().getName().startsWith("dev.paceline.");
  }

  public void oursIsTheLastOfTheApplicationsInterceptors() {
    Interceptor theirs = chain -> chain.proceed(chain.request());
    List<Interceptor> built =
        new OkHttpClient.Builder().addInterceptor(theirs).build().interceptors();
    assertThat(built).hasSize(2);
    assertThat(built.get(0)).isSameAs(theirs);
    assertThat(isOurs(built.get(1))).isTrue();
    assertThatThrownBy(() -> built.add(theirs)).isInstanceOf(UnsupportedOperationException.class);
  }

  public void aHundredCopiesHaveOneOfOurs() {
    Interceptor theirs = chain -> chain.proceed(chain.request());
    OkHttpClient copy = client;
    for (int i = 0; i < 100; i++) {
      copy = copy.newBuilder().build();
    }
    copy = copy.newBuilder().addInterceptor(theirs).build();
    assertThat(copy.interceptors()).hasSize(2);
    assertThat(copy.interceptors().get(0)).isSameAs(theirs);
    assertThat(isOurs(copy.interceptors().get(1))).isTrue();
    assertThat(copy.networkInterceptors()).isEmpty();
  }

  public void aBuilderThatIsUsedAgainStaysUntouched() {
    OkHttpClient.Builder builder = new OkHttpClient.Builder();
    for (int i = 0; i < 3; i++) {
      assertThat(builder.build().interceptors()).hasSize(1);
      assertThat(builder.interceptors()).isEmpty();
    }
  }
}
