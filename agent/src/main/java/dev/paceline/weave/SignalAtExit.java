package dev.paceline.weave;

import net.bytebuddy.jar.asm.Label;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;

/**
 * However a void method ends: {@code Bridge.hook(this);} Not at entry: whoever is woken by the
 * signal looks at the state that the method has set. Also when it throws: an application's listener
 * that failed in {@code cancel} left the call waiting for as long as its ticket said.
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
      private final Label start = new Label();

      @Override
      public void visitCode() {
        super.visitCode();
        super.visitLabel(start);
      }

      @Override
      public void visitInsn(int opcode) {
        if (opcode == Opcodes.RETURN) {
          signal();
        }
        super.visitInsn(opcode);
      }

      @Override
      public void visitMaxs(int maxStack, int maxLocals) {
        Label handler = new Label();
        super.visitTryCatchBlock(start, handler, handler, null);
        super.visitLabel(handler);
        super.visitFrame(
            Opcodes.F_FULL, 1, new Object[] {owner}, 1, new Object[] {"java/lang/Throwable"});
        signal();
        super.visitInsn(Opcodes.ATHROW);
        super.visitMaxs(maxStack, maxLocals);
      }

      private void signal() {
        super.visitVarInsn(Opcodes.ALOAD, 0);
        super.visitMethodInsn(Opcodes.INVOKESTATIC, BRIDGE, hook, "(Ljava/lang/Object;)V", false);
      }
    };
  }
}
