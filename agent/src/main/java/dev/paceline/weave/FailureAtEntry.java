package dev.paceline.weave;

import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;

/**
 * At entry of a method with one IOException, which may be null: {@code e = (IOException)
 * Bridge.hook(this, e);}
 *
 * @param method name of the method
 * @param hook the Bridge method, taking {@code this} and the exception as Objects
 * @param field name of a field of type {@code okhttp3.Call} to hand over in place of {@code this};
 *     empty for {@code this}
 */
record FailureAtEntry(String method, String hook, String field) implements Insertion {
  private static final String EXCEPTION = "java/io/IOException";

  @Override
  public boolean applies(String name, String descriptor) {
    return name.equals(method) && descriptor.startsWith("(L" + EXCEPTION + ";)");
  }

  @Override
  public MethodVisitor visitor(MethodVisitor next, String owner, String descriptor) {
    return new MethodVisitor(Opcodes.ASM9, next) {
      @Override
      public void visitCode() {
        super.visitCode();
        visitVarInsn(Opcodes.ALOAD, 0);
        if (!field.isEmpty()) {
          visitFieldInsn(Opcodes.GETFIELD, owner, field, "Lokhttp3/Call;");
        }
        visitVarInsn(Opcodes.ALOAD, 1);
        visitMethodInsn(
            Opcodes.INVOKESTATIC,
            BRIDGE,
            hook,
            "(Ljava/lang/Object;Ljava/lang/Object;)Ljava/lang/Object;",
            false);
        visitTypeInsn(Opcodes.CHECKCAST, EXCEPTION);
        visitVarInsn(Opcodes.ASTORE, 1);
      }
    };
  }
}
