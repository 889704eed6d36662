package dev.paceline.weave;

import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;
import net.bytebuddy.jar.asm.Type;

/**
 * At each return: {@code return Bridge.hook(result, this);}
 *
 * @param method name of a method without arguments
 * @param hook the Bridge method, taking and returning the method's own return type
 */
record ReturnThrough(String method, String hook) implements Insertion {
  @Override
  public boolean applies(String name, String descriptor) {
    return name.equals(method) && descriptor.startsWith("()");
  }

  @Override
  public MethodVisitor visitor(MethodVisitor next, String owner, String descriptor) {
    String type = Type.getReturnType(descriptor).getDescriptor();
    return new MethodVisitor(Opcodes.ASM9, next) {
      @Override
      public void visitInsn(int opcode) {
        if (opcode == Opcodes.ARETURN || opcode == Opcodes.IRETURN) {
          super.visitVarInsn(Opcodes.ALOAD, 0);
          super.visitMethodInsn(
              Opcodes.INVOKESTATIC, BRIDGE, hook, "(" + type + "Ljava/lang/Object;)" + type, false);
        }
        super.visitInsn(opcode);
      }
    };
  }
}
