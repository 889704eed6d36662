package dev.paceline.call;

/** Follows calls into the application's traces. A port: the call room knows no tracing library. */
public interface CallTracer {
  /** Traces nothing. */
  CallTracer NONE =
      new CallTracer() {
        @Override
        public CallTrace begin(CallInfo call) {
          return CallTrace.NONE;
        }
      };

  /**
   * A call begins on the calling thread. May throw (the caller has a barrier), must not block.
   *
   * @return what follows it; {@link CallTrace#NONE} when nobody wants to know
   */
  CallTrace begin(CallInfo call);
}
