package dev.paceline.it.app.okhttp;

import dev.paceline.it.app.Herd;
import dev.paceline.it.app.Runs;
import java.util.List;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;

/** A herd of OkHttp calls. */
public final class OkHttpHerd {
  private OkHttpHerd() {}

  public static void main(String[] args) throws Exception {
    OkHttpClient client = OkHttpApp.client(List.of(Protocol.HTTP_1_1));
    Herd.main(
        args,
        model ->
            OkHttpApp.text(client.newCall(OkHttpApp.chat(Runs.url(), model, false)).execute()));
  }
}
