package dev.paceline.console;

import dev.paceline.metrics.Exposition.Page;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Optional;

/** A file of the page. Read from the jar each time it is asked for, and never kept. */
enum Asset {
  PAGE("/", "page.html", "text/html; charset=utf-8"),
  SCRIPT("/page.js", "page.js", "text/javascript; charset=utf-8"),
  FORMAT("/format.js", "format.js", "text/javascript; charset=utf-8"),
  STYLE("/page.css", "page.css", "text/css; charset=utf-8"),
  ICON("/icon.svg", "icon.svg", "image/svg+xml"),
  /** Chart.js, put beside the others by the build. */
  CHART("/chart.js", "chart.js", "text/javascript; charset=utf-8");

  private final String path;
  private final String file;
  private final String contentType;

  Asset(String path, String file, String contentType) {
    this.path = path;
    this.file = file;
    this.contentType = contentType;
  }

  static Optional<Asset> at(String path) {
    for (Asset asset : values()) {
      if (asset.path.equals(path)) {
        return Optional.of(asset);
      }
    }
    return Optional.empty();
  }

  Page page() {
    try (InputStream in = Asset.class.getResourceAsStream("page/" + file)) {
      if (in == null) {
        throw new IOException("the page lacks " + file);
      }
      return new Page(contentType, in.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
