package dev.paceline.weave;

import java.util.Set;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;
import net.bytebuddy.jar.asm.Type;

/**
 * Where some methods call {@code receiver.callee()}: {@code Bridge.hook(receiver, result)} instead
 * of the result.
 *
 * @param methods the names that the calling method has in different versions
 * @param callee name of a method without arguments
 * @param of internal name of its class
 * @param result descriptor of what it returns
 * @param hook the Bridge method, taking the receiver as an Object and the result, returning one
 */
record CalleeThrough(Set<String> methods, String callee, String of, String result, String hook)
    implements Insertion {
  @Override
  public boolean applies(String name, String descriptor) {
    return methods.contains(name) && descriptor.startsWith("()");
  }

  @Override
  public MethodVisitor visitor(MethodVisitor next, String owner, String descriptor) {
    String called = Type.getMethodDescriptor(Type.getType(result));
    return new MethodVisitor(Opcodes.ASM9, next) {
      @Override
      public void visitMethodInsn(
          int opcode, String type, String name, String signature, boolean isInterface) {
        boolean hit = type.equals(of) && name.equals(callee) && signature.equals(called);
        if (hit) {
          super.visitInsn(Opcodes.DUP);
        }
        super.visitMethodInsn(opcode, type, name, signature, isInterface);
        if (hit) {
          super.visitMethodInsn(
              Opcodes.INVOKESTATIC,
              BRIDGE,
              hook,
              "(Ljava/lang/Object;" + result + ")" + result,
              false);
        }
      }
    };
  }
}
