package dev.paceline.weave;

import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;
import net.bytebuddy.jar.asm.Type;

/**
 * At entry of a static method with one argument: {@code argument = (T) Bridge.hook(argument);}
 *
 * @param method name of the method
 * @param hook the Bridge method, taking and returning an Object
 */
record ArgumentThrough(String method, String hook) implements Insertion {
  @Override
  public boolean ofStatic() {
    return true;
  }

  @Override
  public boolean applies(String name, String descriptor) {
    return name.equals(method) && Type.getArgumentTypes(descriptor).length == 1;
  }

  @Override
  public MethodVisitor visitor(MethodVisitor next, String owner, String descriptor) {
    return new MethodVisitor(Opcodes.ASM9, next) {
      @Override
      public void visitCode() {
        super.visitCode();
        visitVarInsn(Opcodes.ALOAD, 0);
        visitMethodInsn(
            Opcodes.INVOKESTATIC, BRIDGE, hook, "(Ljava/lang/Object;)Ljava/lang/Object;", false);
        visitTypeInsn(Opcodes.CHECKCAST, Type.getArgumentTypes(descriptor)[0].getInternalName());
        visitVarInsn(Opcodes.ASTORE, 0);
      }
    };
  }
}
