package dev.paceline.call;

/** Where handles are kept. */
interface HandleHome {
  /** For a handle that nobody evicts, alone. */
  HandleHome NONE =
      new HandleHome() {
        @Override
        public ScopeHandle current(ScopeHandle evicted) {
          return evicted;
        }

        @Override
        public void mayHold(ScopeHandle handle) {}
      };

  /** The handle that this evicted one's scope has now: itself, when none has come in its place. */
  ScopeHandle current(ScopeHandle evicted);

  /** Something has happened here after which calls may be held. */
  void mayHold(ScopeHandle handle);
}
