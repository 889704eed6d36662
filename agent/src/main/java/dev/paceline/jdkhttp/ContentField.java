package dev.paceline.jdkhttp;

import java.lang.instrument.Instrumentation;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Field;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublisher;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads the bytes of {@code ofByteArray} and {@code ofString} publishers where they are.
 * Subscribing instead costs two copies a call; it is what happens where the fields are not found.
 */
final class ContentField {
  private static final String PACKAGE = "jdk.internal.net.http";

  /** Subscribing always. */
  static final ContentField NONE = new ContentField(null, null, null, null);

  private final @Nullable Class<?> type;
  private final @Nullable MethodHandle content;
  private final @Nullable MethodHandle offset;
  private final @Nullable MethodHandle length;

  private ContentField(
      @Nullable Class<?> type,
      @Nullable MethodHandle content,
      @Nullable MethodHandle offset,
      @Nullable MethodHandle length) {
    this.type = type;
    this.content = content;
    this.offset = offset;
    this.length = length;
  }

  /** Opens the one package to us, and to nobody else. */
  static ContentField open(@Nullable Instrumentation instrumentation) {
    try {
      Module module = HttpClient.class.getModule();
      Module mine = ContentField.class.getModule();
      if (instrumentation != null && !module.isOpen(PACKAGE, mine)) {
        instrumentation.redefineModule(
            module, Set.of(), Map.of(), Map.of(PACKAGE, Set.of(mine)), Set.of(), Map.of());
      }
      if (!isOpen()) {
        return NONE;
      }
      Class<?> type =
          Class.forName(
              PACKAGE + ".RequestPublishers$ByteArrayPublisher",
              false,
              HttpClient.class.getClassLoader());
      return new ContentField(
          type, getter(type, "content"), getter(type, "offset"), getter(type, "length"));
    } catch (ReflectiveOperationException | RuntimeException unknownJdk) {
      return NONE;
    }
  }

  /** Whether the client's own classes can be looked into. */
  static boolean isOpen() {
    return HttpClient.class.getModule().isOpen(PACKAGE, ContentField.class.getModule());
  }

  private static MethodHandle getter(Class<?> type, String name)
      throws ReflectiveOperationException {
    Field field = type.getDeclaredField(name);
    field.setAccessible(true);
    return MethodHandles.lookup().unreflectGetter(field);
  }

  /** The bytes that the publisher will publish, not to be written to; null: subscribe. */
  byte @Nullable [] read(BodyPublisher publisher) {
    if (type == null || content == null || offset == null || length == null) {
      return null;
    }
    if (!type.isInstance(publisher)) {
      return null;
    }
    try {
      byte[] bytes = (byte[]) content.invoke(publisher);
      int from = (int) offset.invoke(publisher);
      int size = (int) length.invoke(publisher);
      return from == 0 && size == bytes.length
          ? bytes
          : Arrays.copyOfRange(bytes, from, from + size);
    } catch (Throwable unknownJdk) {
      return null;
    }
  }
}
