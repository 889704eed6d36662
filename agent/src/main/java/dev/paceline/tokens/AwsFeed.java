package dev.paceline.tokens;

/**
 * AWS's event stream: frames of a prelude (length of all, length of the headers, checksum),
 * headers, a JSON payload, and a checksum.
 */
final class AwsFeed implements Feed {
  private static final int PRELUDE = 12;
  private static final int CHECKSUM = 4;

  /** A frame is at most 16 MiB of payload and 128 KiB of headers by AWS's specification. */
  private static final int MOST_FRAME = 17 * 1024 * 1024;

  private final UsageJson json;

  /** Bytes of the frame that were seen. */
  private int seen;

  private int length;
  private int headers;
  private boolean broken;

  AwsFeed(Tally tally) {
    this.json = new UsageJson(tally, true);
  }

  @Override
  public void feed(byte[] bytes, int from, int end) {
    int at = from;
    while (at < end && !broken) {
      if (seen < PRELUDE) {
        int b = bytes[at++] & 0xff;
        if (seen < 4) {
          length = length << 8 | b;
        } else if (seen < 8) {
          headers = headers << 8 | b;
        }
        if (++seen == PRELUDE) {
          broken =
              length < PRELUDE + CHECKSUM
                  || length > MOST_FRAME
                  || headers < 0
                  || headers > length - PRELUDE - CHECKSUM;
          json.reset();
        }
        continue;
      }
      int payload = PRELUDE + headers;
      int closing = length - CHECKSUM;
      int upTo = seen < payload ? payload : seen < closing ? closing : length;
      int part = Math.min(upTo - seen, end - at);
      if (seen >= payload && seen < closing) {
        json.feed(bytes, at, at + part);
      }
      seen += part;
      at += part;
      if (seen == length) {
        seen = 0;
        length = 0;
        headers = 0;
      }
    }
  }
}
