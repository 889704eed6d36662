package dev.paceline.weave;

import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;

/**
 * At entry: {@code Bridge.hook(this);}
 *
 * @param method name of the method
 * @param parameters how its descriptor begins
 * @param hook the Bridge method, taking {@code this} as an Object
 */
record SignalAtEntry(String method, String parameters, String hook) implements Insertion {
  SignalAtEntry(String method, String hook) {
    this(method, "()", hook);
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
        visitMethodInsn(Opcodes.INVOKESTATIC, BRIDGE, hook, "(Ljava/lang/Object;)V", false);
      }
    };
  }
}
