package dev.paceline.tokens;

/** What a walk over a request found, in the units that providers count. */
final class Size {
  /** Parts of a prompt that are no text. */
  enum Media {
    IMAGE,
    FILE,
    AUDIO,
    VIDEO
  }

  private final Meter meter;

  /** Whether schemas are counted by their parts, as OpenAI writes them out, or as they are. */
  private final boolean byParts;

  boolean json;
  double text;

  /**
   * Tokens of names, descriptions and values of tools' schemas, or of all that is written there.
   */
  double schemas;

  int tokenIds;
  int messages;
  int names;
  int calls;

  /** Calls and results that stand beside the messages, as in OpenAI's responses. */
  int items;

  int tools;
  int objects;
  int properties;
  int enums;

  /** Tokens of a schema for the answer, as the request writes it. */
  double format;

  /** Characters of what only the provider can read: thinking of earlier turns. */
  long opaque;

  int opaques;
  boolean thinking;
  boolean thinkingOff;
  boolean system;
  boolean stringInput;

  /** A plain completion: no template around its text. */
  boolean completion;

  boolean lowDetail;
  int images;
  long pixels;

  /** Images whose size in pixels is not known. */
  int unmeasured;

  /** Base64 characters of files, sounds and films. */
  long fileChars;

  int files;
  long audioChars;
  int sounds;
  long videoChars;
  int videos;
  int choices = 1;
  long maxOutput = -1;

  Size(Meter meter, boolean byParts) {
    this.meter = meter;
    this.byParts = byParts;
  }

  void text(byte[] body, int from, int end) {
    text += meter.count(body, from, end);
  }

  void message() {
    messages++;
  }

  void named(byte[] body, int from, int end) {
    names++;
    text(body, from, end);
  }

  void item() {
    items++;
  }

  void call() {
    calls++;
  }

  void tool(byte[] body, int from, int end) {
    tools++;
    toolText(body, from, end);
  }

  void toolText(byte[] body, int from, int end) {
    if (byParts) {
      schemas += meter.count(body, from, end);
    }
  }

  void properties() {
    objects++;
  }

  void property(byte[] body, int from, int end) {
    properties++;
    toolText(body, from, end);
  }

  void enumValue(byte[] body, int from, int end) {
    enums++;
    toolText(body, from, end);
  }

  /** Tools or a schema as the request writes them. */
  void raw(byte[] body, int from, int end) {
    if (!byParts) {
      schemas += meter.count(body, from, end);
    }
  }

  void format(byte[] body, int from, int end) {
    format += meter.count(body, from, end);
  }

  void opaque(int chars) {
    opaque += chars;
    opaques++;
  }

  void media(Media kind, int chars, long ofPixels) {
    switch (kind) {
      case IMAGE -> {
        images++;
        pixels += ofPixels;
        if (ofPixels == 0) {
          unmeasured++;
        }
      }
      case FILE -> {
        files++;
        fileChars += chars;
      }
      case AUDIO -> {
        sounds++;
        audioChars += chars;
      }
      case VIDEO -> {
        videos++;
        videoChars += chars;
      }
    }
  }
}
