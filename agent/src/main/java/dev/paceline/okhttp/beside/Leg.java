package dev.paceline.okhttp.beside;

import java.io.IOException;
import okhttp3.Response;

/** The part of a call that lies below our interceptor. */
interface Leg {
  /** Returns or throws what the application gets. */
  Response run() throws IOException;
}
