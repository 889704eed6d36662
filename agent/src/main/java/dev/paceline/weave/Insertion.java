package dev.paceline.weave;

import net.bytebuddy.jar.asm.MethodVisitor;

/** One change to one method. */
interface Insertion {
  /** The internal name of the only class that woven code mentions. */
  String BRIDGE = "dev/paceline/bootstrap/Bridge";

  /** Whether this is the method to change. */
  boolean applies(String method, String descriptor);

  /** Whether the method is static. */
  default boolean ofStatic() {
    return false;
  }

  /** Wraps the writer of the method {@code owner.method} with the given descriptor. */
  MethodVisitor visitor(MethodVisitor next, String owner, String descriptor);
}
