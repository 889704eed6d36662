package dev.paceline.weave;

import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;

/**
 * At entry: {@code Bridge.hook(this);}
 *
 * @param method name of the method
 * @param parameters how its descriptor begins
 * @param hook the Bridge method, taking {@code this} as an Object
 * @param field name of a field of type {@code okhttp3.Call} to hand over in place of {@code this};
 *     empty for {@code this}
 */
record SignalAtEntry(String method, String parameters, String hook, String field)
    implements Insertion {
  SignalAtEntry(String method, String hook) {
    this(method, "()", hook, "");
  }

  @Override
  public boolean applies(String name, String descriptor) {
    return name.equals(method) && descriptor.startsWith(parameters);
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
        visitMethodInsn(Opcodes.INVOKESTATIC, BRIDGE, hook, "(Ljava/lang/Object;)V", false);
      }
    };
  }
}
