package dev.paceline.weave;

import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;

/**
 * At each return of a void method: {@code Bridge.hook(this);} Not at entry: whoever is woken by the
 * signal looks at the state that the method has set.
 *
 * @param method name of a void method without arguments
 * @param hook the Bridge method, taking {@code this} as an Object
 */
record SignalAtExit(String method, String hook) implements Insertion {
  @Override
  public boolean applies(String name, String descriptor) {
    return name.equals(method) && descriptor.equals("()V");
  }

  @Override
  public MethodVisitor visitor(MethodVisitor next, String owner, String descriptor) {
    return new MethodVisitor(Opcodes.ASM9, next) {
      @Override
      public void visitInsn(int opcode) {
        if (opcode == Opcodes.RETURN) {
          super.visitVarInsn(Opcodes.ALOAD, 0);
          super.visitMethodInsn(Opcodes.INVOKESTATIC, BRIDGE, hook, "(Ljava/lang/Object;)V", false);
        }
        super.visitInsn(opcode);
      }
    };
  }
}
