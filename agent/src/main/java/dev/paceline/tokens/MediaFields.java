package dev.paceline.tokens;

import java.nio.charset.StandardCharsets;
import java.util.Set;

/** The fields of an image, a file, a sound or a video in a request. */
final class MediaFields {
  private static final Set<String> IMAGE_FORMATS = Set.of("png", "jpeg", "gif", "webp");
  private static final Set<String> AUDIO_FORMATS = Set.of("wav", "mp3");

  private final RequestWalk walk;
  private Size.Media medium = Size.Media.FILE;

  /** Whether its bytes or address were seen. */
  private boolean seen;

  /** Whether it is text. */
  private boolean plain;

  MediaFields(RequestWalk walk) {
    this.walk = walk;
  }

  /** The kind of medium that is read. */
  Size.Media kind() {
    return medium;
  }

  /** The one that is read is over; one of this kind is around it. */
  void back(Size.Media outer) {
    medium = outer;
  }

  void begin(Size.Media kind) {
    byte first = walk.peek();
    medium = kind;
    seen = false;
    plain = false;
    walk.value(RequestWalk.At.MEDIA);
    if (!seen && first == '{') {
      walk.size.media(kind, 0, 0); // named by an id
    }
  }

  void field(String name, byte first) {
    boolean string = first == '"';
    switch (name) {
      case "media_type", "mimeType", "mime_type", "format" -> {
        if (walk.quoted(first)) {
          named(walk.textFrom, walk.textEnd);
        }
      }
      case "data", "bytes", "url", "file_data", "uri", "fileUri", "file_uri" -> {
        if (string) {
          int from = walk.at + 1;
          walk.string();
          value(from, walk.at - 1);
        } else {
          seen = true; // Cohere's documents: fields of text
          walk.value(RequestWalk.At.CONTENT);
        }
      }
      case "text", "content" -> {
        seen = true;
        walk.value(RequestWalk.At.CONTENT);
      }
      case "detail" -> {
        walk.size.lowDetail |= walk.quoted(first) && walk.textEnd - walk.textFrom == 3; // "low"
      }
      default -> walk.below(RequestWalk.At.MEDIA, first);
    }
  }

  private void named(int from, int to) {
    String type =
        new String(
            walk.body,
            from,
            Math.min(to - from, JsonCursor.SMALL_STRING),
            StandardCharsets.ISO_8859_1);
    if (type.startsWith("image/") || IMAGE_FORMATS.contains(type)) {
      medium = Size.Media.IMAGE;
    } else if (type.startsWith("audio/") || AUDIO_FORMATS.contains(type)) {
      medium = Size.Media.AUDIO;
    } else if (type.startsWith("video/")) {
      medium = Size.Media.VIDEO;
    } else if (type.startsWith("text/")) {
      plain = true;
    }
  }

  void value(int from, int to) {
    seen = true;
    Size.Media kind = kindOf(from, to);
    if ((plain || kind == Size.Media.FILE && words(from, to)) && !walk.starts(from, to, "data:")) {
      plain = false;
      walk.size.text(walk.body, from, to); // a document that is text
      return;
    }
    plain = false;
    long pixels = kind == Size.Media.IMAGE ? Pixels.of(walk.body, from, to) : 0;
    walk.size.media(kind, to - from, pixels);
  }

  /** What its beginning tells: the field that names the type may stand behind the bytes. */
  private Size.Media kindOf(int from, int to) {
    if (walk.starts(from, to, "data:image")) {
      return Size.Media.IMAGE;
    }
    if (walk.starts(from, to, "data:audio")) {
      return Size.Media.AUDIO;
    }
    if (walk.starts(from, to, "data:video")) {
      return Size.Media.VIDEO;
    }
    // Base64 of the magic numbers of PNG, JPEG, GIF; of RIFF's two kinds; of MP3.
    if (walk.starts(from, to, "iVBORw")
        || walk.starts(from, to, "/9j/")
        || walk.starts(from, to, "R0lGOD")) {
      return Size.Media.IMAGE;
    }
    if (walk.starts(from, to, "UklGR")) {
      return walk.starts(from + 12, to, "RUJQ") ? Size.Media.IMAGE : Size.Media.AUDIO;
    }
    if (medium == Size.Media.FILE
        && (walk.starts(from, to, "SUQz") || walk.starts(from, to, "//uQ"))) {
      return Size.Media.AUDIO;
    }
    return medium;
  }

  /** Whether it is a text after all: Base64 and addresses have no spaces. */
  private boolean words(int from, int to) {
    for (int i = from; i < Math.min(to, from + JsonCursor.SMALL_STRING); i++) {
      if (walk.body[i] == ' ' || walk.body[i] == '{') {
        return true;
      }
    }
    return false;
  }
}
