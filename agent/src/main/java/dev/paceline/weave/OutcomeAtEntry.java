package dev.paceline.weave;

import net.bytebuddy.jar.asm.Label;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;
import net.bytebuddy.jar.asm.Type;

/**
 * At entry: {@code Object[] o = Bridge.hook(this, args...); if (o != null) return (R)
 * Bridge.result(o);}
 *
 * @param method name of the method
 * @param arguments how many reference arguments it has; all are passed on
 * @param hook the Bridge method, taking {@code this} and the arguments as Objects
 */
record OutcomeAtEntry(String method, int arguments, String hook) implements Insertion {
  @Override
  public boolean applies(String name, String descriptor) {
    return name.equals(method) && Type.getArgumentTypes(descriptor).length == arguments;
  }

  @Override
  public MethodVisitor visitor(MethodVisitor next, String owner, String descriptor) {
    return new MethodVisitor(Opcodes.ASM9, next) {
      @Override
      public void visitCode() {
        super.visitCode();
        for (int i = 0; i <= arguments; i++) {
          visitVarInsn(Opcodes.ALOAD, i);
        }
        visitMethodInsn(
            Opcodes.INVOKESTATIC,
            BRIDGE,
            hook,
            "(" + "Ljava/lang/Object;".repeat(arguments + 1) + ")[Ljava/lang/Object;",
            false);
        Label original = new Label();
        visitInsn(Opcodes.DUP);
        visitJumpInsn(Opcodes.IFNULL, original);
        visitMethodInsn(
            Opcodes.INVOKESTATIC,
            BRIDGE,
            "result",
            "([Ljava/lang/Object;)Ljava/lang/Object;",
            false);
        visitTypeInsn(Opcodes.CHECKCAST, Type.getReturnType(descriptor).getInternalName());
        visitInsn(Opcodes.ARETURN);
        visitLabel(original);
        visitFrame(Opcodes.F_SAME1, 0, null, 1, new Object[] {"[Ljava/lang/Object;"});
        visitInsn(Opcodes.POP);
      }
    };
  }
}
