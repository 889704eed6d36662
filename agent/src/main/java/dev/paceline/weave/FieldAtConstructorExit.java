package dev.paceline.weave;

import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;

/**
 * At each return of a constructor: {@code this.field = Bridge.hook(this, this.field);} A final
 * field may be written there.
 *
 * @param descriptor the constructor's descriptor
 * @param field name of a field of type List
 * @param hook the Bridge method
 */
record FieldAtConstructorExit(String descriptor, String field, String hook) implements Insertion {
  @Override
  public boolean applies(String name, String methodDescriptor) {
    return name.equals("<init>") && methodDescriptor.equals(descriptor);
  }

  @Override
  public MethodVisitor visitor(MethodVisitor next, String owner, String methodDescriptor) {
    return new MethodVisitor(Opcodes.ASM9, next) {
      @Override
      public void visitInsn(int opcode) {
        if (opcode == Opcodes.RETURN) {
          super.visitVarInsn(Opcodes.ALOAD, 0);
          super.visitInsn(Opcodes.DUP);
          super.visitInsn(Opcodes.DUP);
          super.visitFieldInsn(Opcodes.GETFIELD, owner, field, "Ljava/util/List;");
          super.visitMethodInsn(
              Opcodes.INVOKESTATIC,
              BRIDGE,
              hook,
              "(Ljava/lang/Object;Ljava/util/List;)Ljava/util/List;",
              false);
          super.visitFieldInsn(Opcodes.PUTFIELD, owner, field, "Ljava/util/List;");
        }
        super.visitInsn(opcode);
      }
    };
  }
}
