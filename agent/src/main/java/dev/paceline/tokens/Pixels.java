package dev.paceline.tokens;

/** The size of an image, read from the first bytes of its Base64. */
final class Pixels {
  /** A JPEG's size may stand behind a preview and a colour profile. */
  private static final int MOST_LOOK = 64 * 1024;

  private final byte[] body;
  private final int from;
  private final int length;

  private Pixels(byte[] body, int from, int end) {
    this.body = body;
    this.from = from;
    this.length = Math.min((end - from) / 4 * 3, MOST_LOOK);
  }

  /** Width times height; 0 when the text is no Base64 of a PNG, GIF, WebP or JPEG. */
  static long of(byte[] body, int from, int end) {
    int start = from;
    if (end - from > 5 && body[from] == 'd' && body[from + 4] == ':') {
      while (start < end && start < from + 100 && body[start] != ',') {
        start++;
      }
      start++;
    }
    return start >= end ? 0 : new Pixels(body, start, end).size();
  }

  private long size() {
    if (length < 32) {
      return 0;
    }
    if (at(0) == 0x89 && at(1) == 'P' && at(2) == 'N') {
      return product(big(16) << 16 | big(18), big(20) << 16 | big(22));
    }
    if (at(0) == 'G' && at(1) == 'I' && at(2) == 'F') {
      return product(little(6), little(8));
    }
    if (at(0) == 'R' && at(8) == 'W' && at(12) == 'V' && at(13) == 'P') {
      return switch (at(15)) {
        case ' ' -> product(little(26) & 0x3fff, little(28) & 0x3fff);
        case 'L' ->
            product(
                1 + ((at(22) & 0x3f) << 8 | at(21)),
                1 + ((at(24) & 0x0f) << 10 | at(23) << 2 | (at(22) & 0xc0) >> 6));
        case 'X' -> product(1 + (at(26) << 16 | little(24)), 1 + (at(29) << 16 | little(27)));
        default -> 0;
      };
    }
    return at(0) == 0xff && at(1) == 0xd8 ? jpeg() : 0;
  }

  private long jpeg() {
    int at = 2;
    while (at + 9 < length && at(at) == 0xff) {
      int marker = at(at + 1);
      if (marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc) {
        return product(big(at + 7), big(at + 5));
      }
      at += 2 + Math.max(2, big(at + 2));
    }
    return 0;
  }

  private static long product(int width, int height) {
    return width <= 0 || height <= 0 ? 0 : (long) width * height;
  }

  private int big(int index) {
    return at(index) << 8 | at(index + 1);
  }

  private int little(int index) {
    return at(index + 1) << 8 | at(index);
  }

  /** A byte of the decoded image; -1 where the text is no Base64. */
  private int at(int index) {
    if (index >= length) {
      return -1;
    }
    int place = from + index / 3 * 4 + index % 3;
    int high = Base64Feed.value(body[place]);
    int low = Base64Feed.value(body[place + 1]);
    if (high < 0 || low < 0) {
      return -1;
    }
    return switch (index % 3) {
      case 0 -> high << 2 | low >> 4;
      case 1 -> (high & 0x0f) << 4 | low >> 2;
      default -> (high & 0x03) << 6 | low;
    };
  }
}
