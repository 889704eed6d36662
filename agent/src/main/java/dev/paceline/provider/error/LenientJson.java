package dev.paceline.provider.error;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * JSON as a small tree: at most {@value #MAX_DEPTH} deep and {@value #MAX_NODES} nodes, whatever
 * the input. A document that breaks off, or turns out to be none after a while, gives what was read
 * until then.
 */
public final class LenientJson {
  static final int MAX_DEPTH = 32;
  static final int MAX_NODES = 2_000;
  private static final int MAX_TEXT = 16 * 1024;

  private static final StreamReadConstraints CONSTRAINTS =
      StreamReadConstraints.builder()
          .maxNestingDepth(200)
          .maxStringLength(1_000_000)
          .maxNumberLength(400)
          .maxNameLength(4_000)
          .build();

  /**
   * For whole bodies. Names are not interned: they come from strangers and would stay in the JVM's
   * table. The recycler pool is not the thread-local one, which would leave buffers behind on the
   * application's threads.
   */
  public static final JsonFactory STRICT =
      JsonFactory.builder()
          .streamReadConstraints(CONSTRAINTS)
          .recyclerPool(JsonRecyclerPools.sharedBoundedPool())
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .build();

  /** For what gateways paste into a message: also Python's notation with single quotes. */
  private static final JsonFactory LENIENT =
      JsonFactory.builder()
          .streamReadConstraints(CONSTRAINTS)
          .recyclerPool(JsonRecyclerPools.sharedBoundedPool())
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .enable(JsonReadFeature.ALLOW_SINGLE_QUOTES)
          .enable(JsonReadFeature.ALLOW_UNESCAPED_CONTROL_CHARS)
          .build();

  private LenientJson() {}

  /**
   * A value: an object when {@code names} is not null, an array when only {@code children} is not
   * null, else a scalar.
   *
   * @param text of a string or number; empty for {@code null}, objects and arrays
   */
  public record Node(String text, @Nullable List<String> names, @Nullable List<Node> children) {
    static final Node NULL = new Node("", null, null);

    boolean isObject() {
      return names != null;
    }

    boolean isArray() {
      return names == null && children != null;
    }

    boolean isScalar() {
      return children == null;
    }

    public int size() {
      return children == null ? 0 : children.size();
    }

    public Node child(int index) {
      return children == null ? NULL : children.get(index);
    }

    public String name(int index) {
      return names == null ? "" : names.get(index);
    }

    /** The field's value; {@link #NULL} when there is no such field. */
    public Node get(String name) {
      if (names != null && children != null) {
        for (int i = 0; i < children.size(); i++) {
          if (names.get(i).equals(name)) {
            return children.get(i);
          }
        }
      }
      return NULL;
    }

    public boolean has(String name) {
      return get(name) != NULL;
    }
  }

  /** The first value in the bytes; null when they hold none. */
  public static @Nullable Node parse(byte[] body, int offset, int length) {
    try (JsonParser parser = STRICT.createParser(body, offset, length)) {
      return read(parser);
    } catch (IOException e) {
      return null;
    }
  }

  /** The first value in a text within a message; null when it holds none. */
  static @Nullable Node parseNested(String text) {
    try (JsonParser parser = LENIENT.createParser(text)) {
      return read(parser);
    } catch (IOException e) {
      return null;
    }
  }

  private static @Nullable Node read(JsonParser parser) {
    Reading reading = new Reading();
    try {
      JsonToken token = parser.nextToken();
      if (token == null) {
        return null;
      }
      reading.value(parser, token, 0);
    } catch (IOException | RuntimeException e) {
      // Truncated or no JSON after all: what was read so far counts.
    }
    return reading.root;
  }

  /** Ends the reading of a document with more nodes than an error has. */
  private static final class EnoughRead extends RuntimeException {
    private static final long serialVersionUID = 1;

    EnoughRead() {
      super(null, null, false, false);
    }
  }

  /**
   * Links every container to its parent before it is filled, so that breaking off anywhere leaves a
   * usable tree.
   */
  private static final class Reading {
    @Nullable Node root;
    private int nodes;

    private Node value(JsonParser parser, JsonToken token, int depth) throws IOException {
      nodes++;
      if (token == JsonToken.START_OBJECT || token == JsonToken.START_ARRAY) {
        Node node =
            new Node(
                "", token == JsonToken.START_OBJECT ? new ArrayList<>() : null, new ArrayList<>());
        if (depth == 0) {
          root = node;
        }
        fill(parser, node, depth);
        return node;
      }
      Node node = token == JsonToken.VALUE_NULL ? Node.NULL : new Node(bounded(parser), null, null);
      if (depth == 0) {
        root = node;
      }
      return node;
    }

    private void fill(JsonParser parser, Node node, int depth) throws IOException {
      List<Node> children = node.children();
      List<String> names = node.names();
      if (children == null) {
        return;
      }
      while (true) {
        JsonToken token = parser.nextToken();
        if (token == null || token == JsonToken.END_OBJECT || token == JsonToken.END_ARRAY) {
          return;
        }
        String name = "";
        if (token == JsonToken.FIELD_NAME) {
          name = parser.currentName();
          token = parser.nextToken();
          if (token == null) {
            return;
          }
        }
        boolean container = token.isStructStart();
        if (nodes >= MAX_NODES) {
          throw new EnoughRead();
        }
        if (container && depth + 1 >= MAX_DEPTH) {
          parser.skipChildren();
          continue;
        }
        if (container) {
          nodes++;
          Node child =
              new Node(
                  "",
                  token == JsonToken.START_OBJECT ? new ArrayList<>() : null,
                  new ArrayList<>());
          add(names, children, name, child);
          fill(parser, child, depth + 1);
        } else {
          add(names, children, name, value(parser, token, depth + 1));
        }
      }
    }

    private static void add(
        @Nullable List<String> names, List<Node> children, String name, Node child) {
      if (names != null) {
        names.add(name);
      }
      children.add(child);
    }

    private static String bounded(JsonParser parser) throws IOException {
      String text = parser.getText();
      return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT);
    }
  }
}
