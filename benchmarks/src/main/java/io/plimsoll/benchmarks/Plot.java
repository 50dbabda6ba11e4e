package io.plimsoll.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A figure as SVG: plain text, no script, readable on a light and on a dark page, with a
 * description for who cannot see it. Colours are told apart by lightness as well, and every line
 * and bar is labelled where it stands.
 */
final class Plot {
  private static final int WIDTH = 760;
  private static final int LEFT = 78;
  private static final int RIGHT = 172;
  private static final int TOP = 70;
  private static final int BOTTOM = 58;
  private static final int LINES_HEIGHT = 430;
  private static final int BAR = 16;
  private static final int BAR_STEP = 21;
  private static final int GROUP_GAP = 20;
  private static final int BARS_LEFT = 168;
  private static final int BARS_RIGHT = 150;

  private static final String STYLE =
      """
      <style>
      text{font:13px system-ui,-apple-system,"Segoe UI",Roboto,Helvetica,Arial,sans-serif;fill:#243240}
      .title{font-size:17px;font-weight:600}.sub,.tick{fill:#5d6b78}.tick,.value{font-size:12px}
      .page{fill:#ffffff}.grid{stroke:#e4e9ee;stroke-width:1}.minor{stroke:#f1f4f7;stroke-width:1}.axis{stroke:#9aa7b3;stroke-width:1}
      .line{fill:none;stroke-width:2.5;stroke-linejoin:round}
      .s0{stroke:#0b6e8f}.s1{stroke:#c2571a}.s2{stroke:#6b4fb3}.s3{stroke:#5d6b78}
      .f0{fill:#0b6e8f}.f1{fill:#c2571a}.f2{fill:#6b4fb3}.f3{fill:#8fa0ae}
      .t0{fill:#0b6e8f;font-weight:600}.t1{fill:#a84a14;font-weight:600}.t2{fill:#6b4fb3;font-weight:600}.t3{fill:#5d6b78;font-weight:600}
      @media (prefers-color-scheme:dark){
      text{fill:#dce5ec}.sub,.tick{fill:#9fb0bd}
      .page{fill:#10171d}.grid{stroke:#26323c}.minor{stroke:#1a242c}.axis{stroke:#5f707d}
      .s0{stroke:#4cc3e6}.s1{stroke:#f2975a}.s2{stroke:#b9a3f5}.s3{stroke:#9fb0bd}
      .f0{fill:#4cc3e6}.f1{fill:#f2975a}.f2{fill:#b9a3f5}.f3{fill:#5f707d}
      .t0{fill:#4cc3e6}.t1{fill:#f2975a}.t2{fill:#b9a3f5}.t3{fill:#9fb0bd}}
      </style>
      """;

  private Plot() {}

  /** A point of a line. Both coordinates are above zero. */
  record Point(double x, double y) {}

  /** A line with its label and the number of its colour, 0 to 3. */
  record Line(String label, int colour, List<Point> points) {
    Line {
      points = List.copyOf(points);
    }
  }

  /** A bar with its own label, the text of its value and the number of its colour. */
  record Bar(String label, int colour, double value, String text) {}

  /** Bars under one name. */
  record Group(String name, List<Bar> bars) {
    Group {
      bars = List.copyOf(bars);
    }
  }

  /** Lines over two logarithmic axes; x has a tick at each value that occurs. */
  static String logarithmic(
      String title, String subtitle, String xName, String yName, List<Line> lines) {
    double[] xs =
        lines.stream()
            .flatMap(line -> line.points().stream())
            .mapToDouble(Point::x)
            .distinct()
            .sorted()
            .toArray();
    double[] ys =
        lines.stream().flatMap(line -> line.points().stream()).mapToDouble(Point::y).toArray();
    double least = Double.MAX_VALUE;
    double most = 0;
    for (double y : ys) {
      least = Math.min(least, y);
      most = Math.max(most, y);
    }
    Scale x = new Scale(xs[0], Math.max(xs[xs.length - 1], xs[0] * 2), LEFT, WIDTH - RIGHT);
    Scale y = new Scale(roundDown(least), roundUp(most), LINES_HEIGHT - BOTTOM, TOP);
    Svg svg = new Svg(LINES_HEIGHT, title, subtitle);
    for (double decade = Math.pow(10, Math.floor(Math.log10(y.from)));
        decade <= y.to * 1.001;
        decade *= 10) {
      for (int k = 1; k <= 9; k++) {
        double value = decade * k;
        if (value < y.from * 0.999 || value > y.to * 1.001) {
          continue;
        }
        boolean major = k == 1 || k == 2 || k == 5;
        svg.line(major ? "grid" : "minor", LEFT, y.at(value), WIDTH - RIGHT, y.at(value));
        if (major) {
          svg.text("tick", LEFT - 8, y.at(value) + 4, "end", number(value));
        }
      }
    }
    for (double value : xs) {
      svg.line("minor", x.at(value), TOP, x.at(value), LINES_HEIGHT - BOTTOM);
      svg.text("tick", x.at(value), LINES_HEIGHT - BOTTOM + 18, "middle", number(value));
    }
    svg.line("axis", LEFT, LINES_HEIGHT - BOTTOM, WIDTH - RIGHT, LINES_HEIGHT - BOTTOM);
    svg.text("sub", (LEFT + WIDTH - RIGHT) / 2.0, LINES_HEIGHT - 16, "middle", xName);
    svg.rotated("sub", 22, (TOP + LINES_HEIGHT - BOTTOM) / 2.0, yName);
    List<Double> taken = new ArrayList<>();
    for (Line line : lines) {
      StringBuilder path = new StringBuilder();
      for (Point point : line.points()) {
        path.append(path.isEmpty() ? "M" : "L")
            .append(coordinate(x.at(point.x())))
            .append(' ')
            .append(coordinate(y.at(point.y())));
      }
      svg.path("line s" + line.colour(), path.toString());
      for (Point point : line.points()) {
        svg.circle("f" + line.colour(), x.at(point.x()), y.at(point.y()));
      }
      Point last = line.points().get(line.points().size() - 1);
      double place = y.at(last.y()) + 4;
      for (boolean moved = true; moved; ) {
        moved = false;
        for (double other : taken) {
          if (Math.abs(other - place) < 16) {
            place = other + (place < other ? -16 : 16);
            moved = true;
          }
        }
      }
      taken.add(place);
      svg.text("t" + line.colour(), x.at(last.x()) + 12, place, "start", line.label());
    }
    return svg.end();
  }

  /** Horizontal bars from zero, in groups. */
  static String bars(String title, String subtitle, List<Group> groups) {
    int height = TOP + 10;
    double most = 0;
    for (Group group : groups) {
      height += group.bars().size() * BAR_STEP + GROUP_GAP;
      for (Bar bar : group.bars()) {
        most = Math.max(most, bar.value());
      }
    }
    double step = niceStep(most / 5);
    int ticks = (int) Math.ceil(most / step);
    double scale = (WIDTH - BARS_LEFT - BARS_RIGHT) / (ticks * step);
    Svg svg = new Svg(height + 26, title, subtitle);
    for (int i = 0; i <= ticks; i++) {
      double x = BARS_LEFT + i * step * scale;
      svg.line(i == 0 ? "axis" : "grid", x, TOP - 6, x, height - 4);
      svg.text("tick", x, height + 14, "middle", number(i * step));
    }
    double y = TOP + 4;
    for (Group group : groups) {
      double middle = y + (group.bars().size() * BAR_STEP) / 2.0 + 2;
      svg.text("", BARS_LEFT - 14, middle, "end", group.name());
      for (Bar bar : group.bars()) {
        double width = Math.max(1.5, bar.value() * scale);
        svg.bar("f" + bar.colour(), BARS_LEFT, y, width, BAR);
        svg.text(
            "value", BARS_LEFT + width + 8, y + BAR - 4, "start", bar.text() + "  " + bar.label());
        y += BAR_STEP;
      }
      y += GROUP_GAP;
    }
    return svg.end();
  }

  /** A logarithmic scale between two places. */
  private record Scale(double from, double to, double start, double end) {
    double at(double value) {
      return start + (end - start) * Math.log(value / from) / Math.log(to / from);
    }
  }

  private static double roundDown(double value) {
    double decade = Math.pow(10, Math.floor(Math.log10(value)));
    return value >= 5 * decade ? 5 * decade : value >= 2 * decade ? 2 * decade : decade;
  }

  private static double roundUp(double value) {
    double decade = Math.pow(10, Math.floor(Math.log10(value)));
    for (double step : new double[] {1, 2, 5}) {
      if (value <= step * decade * 1.0001) {
        return step * decade;
      }
    }
    return 10 * decade;
  }

  private static double niceStep(double value) {
    return roundUp(Math.max(value, 1e-9));
  }

  private static String number(double value) {
    if (value >= 1_000) {
      return String.format(Locale.ROOT, "%,.0f", value);
    }
    String text = String.format(Locale.ROOT, value >= 1 ? "%.1f" : "%.3f", value);
    return text.contains(".") ? text.replaceAll("0+$", "").replaceAll("\\.$", "") : text;
  }

  private static String coordinate(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }

  private static final class Svg {
    private final StringBuilder out = new StringBuilder();

    Svg(int height, String title, String subtitle) {
      out.append(
          """
          <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-label="%s">
          """
              .formatted(WIDTH, height, WIDTH, height, escaped(title + ": " + subtitle)));
      out.append("<title>").append(escaped(title)).append("</title>\n").append(STYLE);
      out.append(
          "<rect class=\"page\" width=\"%d\" height=\"%d\" rx=\"8\"/>\n".formatted(WIDTH, height));
      text("title", 22, 32, "start", title);
      text("sub", 22, 52, "start", subtitle);
    }

    void line(String style, double x1, double y1, double x2, double y2) {
      out.append(
          "<line class=\"%s\" x1=\"%s\" y1=\"%s\" x2=\"%s\" y2=\"%s\"/>\n"
              .formatted(style, coordinate(x1), coordinate(y1), coordinate(x2), coordinate(y2)));
    }

    void path(String style, String path) {
      out.append("<path class=\"%s\" d=\"%s\"/>\n".formatted(style, path));
    }

    void circle(String style, double x, double y) {
      out.append(
          "<circle class=\"%s\" cx=\"%s\" cy=\"%s\" r=\"3.5\"/>\n"
              .formatted(style, coordinate(x), coordinate(y)));
    }

    void bar(String style, double x, double y, double width, double height) {
      out.append(
          "<rect class=\"%s\" x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" rx=\"2\"/>\n"
              .formatted(
                  style, coordinate(x), coordinate(y), coordinate(width), coordinate(height)));
    }

    void text(String style, double x, double y, String anchor, String text) {
      out.append(
          "<text class=\"%s\" x=\"%s\" y=\"%s\" text-anchor=\"%s\">%s</text>\n"
              .formatted(style, coordinate(x), coordinate(y), anchor, escaped(text)));
    }

    void rotated(String style, double x, double y, String text) {
      out.append(
          "<text class=\"%s\" transform=\"translate(%s %s) rotate(-90)\" text-anchor=\"middle\">%s</text>\n"
              .formatted(style, coordinate(x), coordinate(y), escaped(text)));
    }

    String end() {
      return out.append("</svg>\n").toString();
    }

    private static String escaped(String text) {
      return text.replace("&", "&amp;")
          .replace("<", "&lt;")
          .replace(">", "&gt;")
          .replace("\"", "&quot;");
    }
  }
}
