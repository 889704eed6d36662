package dev.paceline.provider;

import dev.paceline.words.Classification;
import dev.paceline.words.Headers;
import dev.paceline.words.ProviderResponse;
import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.ClassWriter;
import net.bytebuddy.jar.asm.Label;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;
import net.bytebuddy.jar.asm.Type;

/**
 * The provider room with its work counted: a second copy of its classes, in which every byte that
 * is taken from an array, every call on a text, every turn of a loop and every method goes through
 * {@link Visits}.
 */
final class CountedProviders extends ClassLoader {
  private static final String ROOM = "dev.paceline.provider.";
  private static final String VISITS = "dev/paceline/provider/Visits";
  private static final Set<String> COUNTED =
      Arrays.stream(Visits.class.getDeclaredMethods())
          .map(m -> m.getName() + Type.getMethodDescriptor(m))
          .collect(Collectors.toSet());

  private final MethodHandle judge;
  private final MethodHandle read;

  CountedProviders() {
    super(CountedProviders.class.getClassLoader());
    try {
      Class<?> classifier = loadClass(ROOM + "Classifier");
      judge =
          MethodHandles.publicLookup()
              .findVirtual(
                  classifier,
                  "judge",
                  MethodType.methodType(
                      Classification.class, String.class, ProviderResponse.class, long.class))
              .bindTo(classifier.getConstructor().newInstance());
      Method headers =
          loadClass(ROOM + "header.LimitHeaders")
              .getMethod("read", String.class, Headers.class, long.class);
      read = MethodHandles.publicLookup().unreflect(headers);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  Classification judge(String provider, ProviderResponse answer, long now) {
    try {
      return (Classification) judge.invoke(provider, answer, now);
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  List<?> read(String provider, Headers headers, long now) {
    try {
      return (List<?>) read.invoke(provider, headers, now);
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    if (!name.startsWith(ROOM) || name.equals(Visits.class.getName())) {
      return super.loadClass(name, resolve);
    }
    synchronized (getClassLoadingLock(name)) {
      Class<?> loaded = findLoadedClass(name);
      if (loaded != null) {
        return loaded;
      }
      try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
        if (in == null) {
          throw new ClassNotFoundException(name);
        }
        ClassWriter writer = new ClassWriter(ClassWriter.COMPUTE_MAXS);
        new ClassReader(in.readAllBytes()).accept(new Counting(writer), 0);
        byte[] bytes = writer.toByteArray();
        return defineClass(name, bytes, 0, bytes.length);
      } catch (IOException e) {
        throw new ClassNotFoundException(name, e);
      }
    }
  }

  private static final class Counting extends ClassVisitor {
    Counting(ClassVisitor next) {
      super(Opcodes.ASM9, next);
    }

    @Override
    public MethodVisitor visitMethod(
        int access, String name, String descriptor, String signature, String[] exceptions) {
      MethodVisitor next = super.visitMethod(access, name, descriptor, signature, exceptions);
      return next == null ? null : new CountingMethod(next);
    }
  }

  private static final class CountingMethod extends MethodVisitor {
    private final Set<Label> behind = new HashSet<>();

    CountingMethod(MethodVisitor next) {
      super(Opcodes.ASM9, next);
    }

    private void one() {
      super.visitMethodInsn(Opcodes.INVOKESTATIC, VISITS, "one", "()V", false);
    }

    @Override
    public void visitCode() {
      super.visitCode();
      one();
    }

    @Override
    public void visitLabel(Label label) {
      behind.add(label);
      super.visitLabel(label);
    }

    @Override
    public void visitJumpInsn(int opcode, Label label) {
      if (behind.contains(label)) {
        one();
      }
      super.visitJumpInsn(opcode, label);
    }

    @Override
    public void visitInsn(int opcode) {
      if (opcode == Opcodes.BALOAD || opcode == Opcodes.CALOAD) {
        one();
      }
      super.visitInsn(opcode);
    }

    @Override
    public void visitMethodInsn(
        int opcode, String owner, String name, String descriptor, boolean onInterface) {
      boolean virtual = opcode == Opcodes.INVOKEVIRTUAL || opcode == Opcodes.INVOKEINTERFACE;
      String counted = "(L" + owner + ";" + descriptor.substring(1);
      if (virtual && COUNTED.contains(name + counted)) {
        super.visitMethodInsn(Opcodes.INVOKESTATIC, VISITS, name, counted, false);
        return;
      }
      boolean parser = owner.endsWith("JsonFactory") && descriptor.startsWith("([BII)");
      if (parser) {
        super.visitInsn(Opcodes.DUP);
        super.visitMethodInsn(Opcodes.INVOKESTATIC, VISITS, "parsed", "(I)V", false);
      }
      super.visitMethodInsn(opcode, owner, name, descriptor, onInterface);
      boolean text =
          (opcode == Opcodes.INVOKESPECIAL
                  && owner.equals("java/lang/String")
                  && name.equals("<init>"))
              || (virtual
                  && descriptor.endsWith(")Ljava/lang/String;")
                  && (owner.endsWith("JsonParser") || owner.equals("java/lang/StringBuilder")));
      if (text) {
        super.visitInsn(Opcodes.DUP);
        super.visitMethodInsn(Opcodes.INVOKESTATIC, VISITS, "made", "(Ljava/lang/String;)V", false);
      }
    }
  }
}
