package dev.paceline.weave;

import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;

/**
 * At entry: {@code Bridge.hook(this);}
 *
 * @param method name of a method without arguments
 * @param hook the Bridge method, taking {@code this} as an Object
 */
record SignalAtEntry(String method, String hook) implements Insertion {
  @Override
  public boolean applies(String name, String descriptor) {
    return name.equals(method) && descriptor.startsWith("()");
  }

  @Override
  public MethodVisitor visitor(MethodVisitor next, String owner, String descriptor) {
    return new MethodVisitor(Opcodes.ASM9, next) {
      @Override
      public void visitCode() {
        super.visitCode();
        visitVarInsn(Opcodes.ALOAD, 0);
        visitMethodInsn(Opcodes.INVOKESTATIC, BRIDGE, hook, "(Ljava/lang/Object;)V", false);
      }
    };
  }
}
