import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * Writes an OCI image layout that holds the agent's jar, without a daemon and without a network: a
 * program of its own that the build runs from source. The same input gives the same digest.
 *
 * <p>{@code java OciImage.java JAR FOLDER VERSION TIMESTAMP [ARCH=BUSYBOX ...]}: without a busybox
 * the image holds the jar alone and is mounted as an image volume; with a static one for each
 * architecture an init container can copy the jar with {@code cp}. Format: OCI image specification
 * 1.1, layers as plain tar (the jar is compressed already).
 */
public final class OciImage {
  private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  private static final String CONFIG = "application/vnd.oci.image.config.v1+json";
  private static final String LAYER = "application/vnd.oci.image.layer.v1.tar";
  private static final String INDEX = "application/vnd.oci.image.index.v1+json";

  private static final int BLOCK = 512;

  private final Path blobs;
  private final String version;
  private final Instant time;

  private OciImage(Path folder, String version, Instant time) {
    this.blobs = folder.resolve("blobs").resolve("sha256");
    this.version = version;
    this.time = time;
  }

  public static void main(String[] args) throws IOException {
    Path folder = Path.of(args[1]);
    OciImage image = new OciImage(folder, args[2], Instant.parse(args[3]));
    Files.createDirectories(image.blobs);
    byte[] jar = Files.readAllBytes(Path.of(args[0]));
    List<String> manifests = new ArrayList<>();
    List<String> busyboxes = new ArrayList<>(List.of(args).subList(4, args.length));
    busyboxes.removeIf(String::isBlank); // an unset property of the build
    if (busyboxes.isEmpty()) {
      for (String architecture : List.of("amd64", "arm64")) {
        manifests.add(image.manifest(architecture, image.layer(jar, null)));
      }
    }
    for (String busybox : busyboxes) {
      String[] pair = busybox.split("=", 2);
      byte[] program = Files.readAllBytes(Path.of(pair[1]));
      manifests.add(image.manifest(pair[0], image.layer(jar, program)));
    }
    String index =
        "{\"schemaVersion\":2,\"mediaType\":\""
            + INDEX
            + "\",\"manifests\":["
            + String.join(",", manifests)
            + "]}";
    Files.writeString(folder.resolve("index.json"), index);
    Files.writeString(folder.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
    System.out.println("image sha256:" + sha256(index.getBytes(StandardCharsets.UTF_8)));
  }

  private byte[] layer(byte[] jar, byte[] busybox) throws IOException {
    ByteArrayOutputStream tar = new ByteArrayOutputStream();
    entry(tar, "paceline-agent.jar", '0', 0644, jar, "");
    if (busybox != null) {
      entry(tar, "bin/", '5', 0755, new byte[0], "");
      entry(tar, "bin/busybox", '0', 0755, busybox, "");
      for (String name : List.of("cp", "sh", "ls")) {
        entry(tar, "bin/" + name, '2', 0777, new byte[0], "busybox");
      }
    }
    tar.write(new byte[2 * BLOCK]);
    return tar.toByteArray();
  }

  private String manifest(String architecture, byte[] layer) throws IOException {
    String diff = sha256(layer);
    byte[] config =
        ("{\"created\":\""
                + time
                + "\",\"architecture\":\""
                + architecture
                + "\",\"os\":\"linux\",\"config\":{\"Env\":[\"PATH=/bin\"],\"Labels\":{"
                + "\"org.opencontainers.image.title\":\"paceline-agent\","
                + "\"org.opencontainers.image.version\":\""
                + version
                + "\",\"org.opencontainers.image.licenses\":\"Apache-2.0\"}},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"sha256:"
                + diff
                + "\"]},\"history\":[{\"created\":\""
                + time
                + "\",\"created_by\":\"paceline\"}]}")
            .getBytes(StandardCharsets.UTF_8);
    byte[] manifest =
        ("{\"schemaVersion\":2,\"mediaType\":\""
                + MANIFEST
                + "\",\"config\":"
                + descriptor(CONFIG, config, "")
                + ",\"layers\":["
                + descriptor(LAYER, layer, "")
                + "]}")
            .getBytes(StandardCharsets.UTF_8);
    return descriptor(
        MANIFEST,
        manifest,
        ",\"platform\":{\"architecture\":\""
            + architecture
            + "\",\"os\":\"linux\"},\"annotations\":{\"org.opencontainers.image.ref.name\":\""
            + version
            + "-"
            + architecture
            + "\"}");
  }

  private String descriptor(String type, byte[] blob, String more) throws IOException {
    String digest = sha256(blob);
    Files.write(blobs.resolve(digest), blob);
    return "{\"mediaType\":\""
        + type
        + "\",\"digest\":\"sha256:"
        + digest
        + "\",\"size\":"
        + blob.length
        + more
        + "}";
  }

  /** One entry of a POSIX ustar archive, owned by root. */
  private void entry(
      ByteArrayOutputStream tar, String name, char type, int mode, byte[] content, String link)
      throws IOException {
    byte[] header = new byte[BLOCK];
    put(header, 0, name);
    put(header, 100, String.format("%07o", mode));
    put(header, 108, "0000000");
    put(header, 116, "0000000");
    put(header, 124, String.format("%011o", content.length));
    put(header, 136, String.format("%011o", time.getEpochSecond()));
    put(header, 148, "        ");
    header[156] = (byte) type;
    put(header, 157, link);
    put(header, 257, "ustar\00000");
    int sum = 0;
    for (byte b : header) {
      sum += b & 0xff;
    }
    put(header, 148, String.format("%06o\0 ", sum));
    tar.write(header);
    tar.write(content);
    tar.write(new byte[(BLOCK - content.length % BLOCK) % BLOCK]);
  }

  private static void put(byte[] header, int at, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(bytes, 0, header, at, bytes.length);
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }
}
