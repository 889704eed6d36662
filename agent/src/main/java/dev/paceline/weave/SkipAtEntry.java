package dev.paceline.weave;

import net.bytebuddy.jar.asm.Label;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;

/**
 * At entry of a void method with one reference argument: {@code if (Bridge.hook(this, argument))
 * return;}
 *
 * @param methods the names that the method has in different versions
 * @param hook the Bridge method
 */
record SkipAtEntry(java.util.Set<String> methods, String hook) implements Insertion {
  @Override
  public boolean applies(String name, String descriptor) {
    return methods.contains(name)
        && descriptor.startsWith("(L")
        && descriptor.endsWith(";)V")
        && descriptor.indexOf(';') == descriptor.length() - 3;
  }

  @Override
  public MethodVisitor visitor(MethodVisitor next, String owner, String descriptor) {
    return new MethodVisitor(Opcodes.ASM9, next) {
      @Override
      public void visitCode() {
        super.visitCode();
        visitVarInsn(Opcodes.ALOAD, 0);
        visitVarInsn(Opcodes.ALOAD, 1);
        visitMethodInsn(
            Opcodes.INVOKESTATIC, BRIDGE, hook, "(Ljava/lang/Object;Ljava/lang/Object;)Z", false);
        Label original = new Label();
        visitJumpInsn(Opcodes.IFEQ, original);
        visitInsn(Opcodes.RETURN);
        visitLabel(original);
        visitFrame(Opcodes.F_SAME, 0, null, 0, null);
        // A frame at the method's first own instruction would stand at the same offset as ours,
        // which the verifier refuses.
        visitInsn(Opcodes.NOP);
      }
    };
  }
}
