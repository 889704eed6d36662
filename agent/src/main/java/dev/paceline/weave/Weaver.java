package dev.paceline.weave;

import java.util.List;
import java.util.Map;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.ClassWriter;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;
import org.jspecify.annotations.Nullable;

/**
 * Rewrites the few methods of the clients that the agent hooks, with the ASM that Byte Buddy
 * carries.
 *
 * <p>Only method bodies change: no field, method or interface is added, so that retransformation
 * stays legal beside other agents. No frame is computed (that would load the application's
 * classes): each insertion writes the one frame it needs.
 */
public final class Weaver {
  private static final Map<String, List<Insertion>> TARGETS =
      Map.of(
          "jdk/internal/net/http/HttpClientFacade", JdkTargets.FACADE,
          "jdk/internal/net/http/ResponseSubscribers$TrustedSubscriber", JdkTargets.TRUSTED,
          "okhttp3/OkHttpClient", OkHttpTargets.CLIENT,
          "okhttp3/Dispatcher", OkHttpTargets.DISPATCHER,
          "okhttp3/RealCall", OkHttpTargets.REAL_CALL,
          "okhttp3/internal/connection/RealCall", OkHttpTargets.REAL_CALL,
          "okhttp3/internal/connection/Transmitter", OkHttpTargets.TRANSMITTER);

  private Weaver() {}

  /**
   * Weaves a class file.
   *
   * @param name internal name of the class
   * @return the woven class file; null when none of the methods to hook was found
   * @throws IllegalArgumentException for a class file version that this ASM does not know
   */
  public static byte @Nullable [] weave(String name, byte[] classFile) {
    List<Insertion> insertions = TARGETS.get(name);
    if (insertions == null) {
      return null;
    }
    ClassReader reader = new ClassReader(classFile);
    // The reader lets the writer copy what is not visited differently: constant pool and untouched
    // methods.
    ClassWriter writer = new ClassWriter(reader, ClassWriter.COMPUTE_MAXS);
    boolean[] hit = new boolean[1];
    reader.accept(
        new ClassVisitor(Opcodes.ASM9, writer) {
          @Override
          public @Nullable MethodVisitor visitMethod(
              int access,
              String method,
              String descriptor,
              @Nullable String signature,
              String @Nullable [] exceptions) {
            MethodVisitor next =
                super.visitMethod(access, method, descriptor, signature, exceptions);
            if ((access & (Opcodes.ACC_ABSTRACT | Opcodes.ACC_BRIDGE)) != 0) {
              return next;
            }
            boolean isStatic = (access & Opcodes.ACC_STATIC) != 0;
            for (Insertion insertion : insertions) {
              if (insertion.ofStatic() == isStatic && insertion.applies(method, descriptor)) {
                hit[0] = true;
                next = insertion.visitor(next, name, descriptor);
              }
            }
            return next;
          }
        },
        0);
    return hit[0] ? writer.toByteArray() : null;
  }
}
