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

  /** How a family is shown its tools. */
  enum Tools {
    /** As the request writes them. */
    WRITTEN,
    /** By their names, descriptions, types and values. */
    PARTS,
    /** By their parts; as they are written when they come in OpenAI's form. */
    EITHER,
    /** As declarations, see {@link ToolScript}. */
    SCRIPT
  }

  private final TokenMeter meter;

  private final Tools how;

  boolean json;
  double text;

  /** Tokens of the tools, or of what is counted of them. */
  double schemas;

  /** Tokens of the tools as the request writes them, where OpenAI's form of them is converted. */
  double written;

  /** Thinking in plain text, since the user's last message: some templates keep it. */
  double thought;

  /** Summaries of thinking that is sent back encrypted. */
  double summaries;

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

  /** Whether that schema is given as JSON Schema to an API that has a form of its own. */
  boolean foreignFormat;

  /** Objects in that schema that are closed to other properties. */
  int closed;

  /** Characters of what only the provider can read: thinking of earlier turns. */
  long opaque;

  int opaques;

  /** Whether tools are given in the form of OpenAI's chat. */
  boolean wrapped;

  boolean thinking;
  boolean thinkingOff;
  boolean system;
  boolean stringInput;

  /** Whether some message or field instructs the model. */
  boolean instructed;

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

  Size(TokenMeter meter, Tools how) {
    this.meter = meter;
    this.how = how;
  }

  boolean scripted() {
    return how == Tools.SCRIPT;
  }

  void text(byte[] body, int from, int end) {
    text += meter.count(body, from, end);
  }

  void thought(byte[] body, int from, int end) {
    thought += meter.count(body, from, end);
  }

  void summary(byte[] body, int from, int end) {
    summaries += meter.count(body, from, end);
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
    if (how == Tools.PARTS || how == Tools.EITHER) {
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
    if (how == Tools.WRITTEN) {
      schemas += meter.count(body, from, end);
    } else if (how == Tools.SCRIPT) {
      schemas += ToolScript.of(body, from, end).count(meter);
    } else if (how == Tools.EITHER && wrapped) {
      written += meter.count(body, from, end);
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
