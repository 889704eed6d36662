package dev.paceline.weave;

import java.io.IOException;
import java.io.InputStream;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;
import org.jspecify.annotations.Nullable;

/**
 * Whether a loader's OkHttp has what the adapter calls: 3.14.0 and newer do. Looked up in the class
 * file, without loading the class: a transformer must not load the application's classes.
 */
public final class OkHttpVersion {
  private static final String PROBED = "okhttp3/RequestBody.class";

  private OkHttpVersion() {}

  /** False only when the class file was found and {@code RequestBody.isOneShot} is not in it. */
  public static boolean supported(ClassLoader loader) {
    try (InputStream in = loader.getResourceAsStream(PROBED)) {
      return in == null || declaresIsOneShot(new ClassReader(in));
    } catch (IOException | RuntimeException unreadable) {
      return true;
    }
  }

  private static boolean declaresIsOneShot(ClassReader reader) {
    boolean[] found = new boolean[1];
    reader.accept(
        new ClassVisitor(Opcodes.ASM9) {
          @Override
          public @Nullable MethodVisitor visitMethod(
              int access,
              String name,
              String descriptor,
              @Nullable String signature,
              String @Nullable [] exceptions) {
            found[0] |= name.equals("isOneShot");
            return null;
          }
        },
        ClassReader.SKIP_CODE | ClassReader.SKIP_DEBUG | ClassReader.SKIP_FRAMES);
    return found[0];
  }
}
