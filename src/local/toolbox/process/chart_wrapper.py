# Runs Python code so that each plt.show() prints one chart artifact line.
# The daemon appends a call of _daytona_run with the code to this text and
# feeds it to "python3 -u -"; nothing of it stays in the user's namespace.


def _daytona_run(old, source):
    import base64
    import hashlib
    import importlib.abc
    import importlib.machinery
    import io
    import json
    import math
    import os
    import sys
    import warnings

    marker = "dtn_artifact_k39fd2:"
    file_name = "<target_code>"

    class Unfit(Exception):
        """What an older server cannot tell, and fails with."""

    class Stdout(io.TextIOWrapper):
        """Knows whether it stands at the start of a line."""

        at_line_start = True

        def write(self, text):
            written = super().write(text)
            if text:
                self.at_line_start = text.endswith("\n")
            return written

    def replace_stdout():
        old = sys.stdout
        encoding, errors = old.encoding, old.errors
        new = Stdout(old.detach(), encoding=encoding, errors=errors,
                     write_through=True)
        sys.stdout = sys.__stdout__ = new
        return new

    stdout = replace_stdout()

    def emit(chart):
        if sys.stdout is not stdout:
            sys.stdout.flush()
        text = json.dumps({"type": "chart", "value": chart}, allow_nan=old)
        start = "" if stdout.at_line_start else "\n"
        stdout.write(start + marker + text + "\n")
        stdout.flush()

    def finite(values):
        out = []
        for value in values:
            value = float(value)
            if old or math.isfinite(value):
                out.append(value)
        return out

    def text_of(value):
        return format(float(value), ".12g")

    def points_of(pairs):
        if hasattr(pairs, "filled"):
            pairs = pairs.filled(math.nan)
        return [[float(x), float(y)] for x, y in pairs
                if old or math.isfinite(float(x)) and math.isfinite(float(y))]

    def scale_of(axis):
        name = type(getattr(axis, "converter", None)).__name__
        if "Date" in name and old:
            raise Unfit("Object of type datetime is not JSON serializable")
        if "Date" in name:
            return "datetime"
        if "Category" in name:
            return "categorical"
        return axis.get_scale()

    def tick_labels(axis):
        return [tick.get_text() for tick in axis.get_ticklabels()]

    def label_at(axis, position):
        kind = type(axis.get_major_formatter()).__name__
        best, distance = text_of(position), 0.5
        if kind not in ("StrCategoryFormatter", "FixedFormatter",
                        "FuncFormatter"):
            return best
        # The bars of a group stand beside the tick that names it.
        for tick, label in zip(axis.get_majorticklocs(), tick_labels(axis)):
            away = abs(float(tick) - position)
            if label and away < distance:
                best, distance = label, away
        return best

    def describe_lines(ax):
        return [{"label": str(line.get_label()),
                 "points": points_of(line.get_xydata())}
                for line in ax.get_lines()]

    def describe_scatter(ax):
        return [{"label": str(c.get_label()),
                 "points": points_of(c.get_offsets())}
                for c in scatter_collections(ax)]

    def scatter_collections(ax):
        from matplotlib.collections import PathCollection
        return [c for c in ax.collections if isinstance(c, PathCollection)]

    def bar_containers(ax):
        from matplotlib.container import BarContainer
        return [c for c in ax.containers if isinstance(c, BarContainer)]

    def is_horizontal(ax):
        return any(getattr(c, "orientation", None) == "horizontal"
                   for c in bar_containers(ax))

    def describe_bars(ax):
        elements = []
        for container in bar_containers(ax):
            flat = getattr(container, "orientation", None) == "horizontal"
            for bar in container:
                if flat:
                    at = bar.get_y() + bar.get_height() / 2
                    value, axis = bar.get_width(), ax.yaxis
                else:
                    at = bar.get_x() + bar.get_width() / 2
                    value, axis = bar.get_height(), ax.xaxis
                elements.append({"label": label_at(axis, float(at)),
                                 "group": str(container.get_label()),
                                 "value": text_of(value)})
        return elements

    def wedges(ax):
        from matplotlib.patches import Wedge
        return [p for p in ax.patches if isinstance(p, Wedge)]

    def describe_pie(ax):
        return [{"label": str(w.get_label()),
                 "angle": float(w.theta2 - w.theta1),
                 "radius": float(w.r)} for w in wedges(ax)]

    def describe_boxes(ax):
        elements = []
        for stats, position in ax._daytona_boxes:
            label = str(stats.get("label", "")) or text_of(position)
            elements.append({"label": label,
                             "min": float(stats["whislo"]),
                             "first_quartile": float(stats["q1"]),
                             "median": float(stats["med"]),
                             "third_quartile": float(stats["q3"]),
                             "max": float(stats["whishi"]),
                             "outliers": finite(stats.get("fliers", ()))})
        return elements

    def elements_of(ax):
        if ax.name == "3d":
            return "unknown", []
        if getattr(ax, "_daytona_boxes", None) and not old:
            return "box_and_whisker", describe_boxes(ax)
        if wedges(ax):
            return "pie", describe_pie(ax)
        if bar_containers(ax):
            return "bar", describe_bars(ax)
        if scatter_collections(ax):
            return "scatter", describe_scatter(ax)
        if ax.get_lines():
            return "line", describe_lines(ax)
        return "unknown", []

    def describe_axes(ax):
        kind, elements = elements_of(ax)
        chart = {"type": kind, "elements": elements, "title": ax.get_title()}
        if kind == "pie" and old:
            chart["x_scale"] = chart["y_scale"] = "categorical"
        if kind == "pie":
            return chart
        chart["x_label"] = ax.get_xlabel()
        chart["y_label"] = ax.get_ylabel()
        chart["x_ticks"] = finite(ax.get_xticks())
        chart["y_ticks"] = finite(ax.get_yticks())
        chart["x_tick_labels"] = tick_labels(ax.xaxis)
        chart["y_tick_labels"] = tick_labels(ax.yaxis)
        chart["x_scale"] = scale_of(ax.xaxis)
        chart["y_scale"] = scale_of(ax.yaxis)
        return chart

    def describe(figure):
        axes = [ax for ax in figure.axes if ax.get_label() != "<colorbar>"]
        if len(axes) == 1:
            chart = describe_axes(axes[0])
        elif axes:
            chart = {"type": "composite_chart",
                     "elements": [describe_axes(ax) for ax in axes]}
        else:
            chart = {"type": "unknown", "elements": []}
        if figure._suptitle and not chart.get("title"):
            chart["title"] = figure._suptitle.get_text()
        return chart

    def picture_of(figure):
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png")
        return base64.b64encode(buffer.getvalue()).decode("ascii")

    def show_figure(figure, seen):
        png = picture_of(figure)
        digest = hashlib.sha256(png.encode("ascii")).digest()
        if digest in seen:
            return
        seen.add(digest)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                chart = describe(figure)
            json.dumps(chart, allow_nan=old)
        except Unfit as error:
            raise TypeError(str(error)) from None
        except Exception:
            chart = {"type": "unknown", "elements": []}
        chart["png"] = png
        emit(chart)

    def patch_pyplot(plt):
        def show(*args, **kwargs):
            seen = set()
            try:
                for number in plt.get_fignums():
                    show_figure(plt.figure(number), seen)
            finally:
                plt.close("all")

        plt.show = show
        from matplotlib.axes import Axes
        draw_boxes = Axes.bxp

        def bxp(self, bxpstats, positions=None, *args, **kwargs):
            stats = list(bxpstats)
            places = positions
            if places is None:
                places = range(1, len(stats) + 1)
            boxes = getattr(self, "_daytona_boxes", [])
            self._daytona_boxes = boxes + list(zip(stats, places))
            return draw_boxes(self, stats, positions, *args, **kwargs)

        bxp.__doc__ = draw_boxes.__doc__
        Axes.bxp = bxp

    class Loader(importlib.abc.Loader):
        def __init__(self, inner):
            self.inner = inner

        def create_module(self, spec):
            return self.inner.create_module(spec)

        def exec_module(self, module):
            self.inner.exec_module(module)
            try:
                patch_pyplot(module)
            except Exception as error:
                print("charts are not available: %s" % error,
                      file=sys.stderr)

    class Finder(importlib.abc.MetaPathFinder):
        def find_spec(self, name, path, target=None):
            if name != "matplotlib.pyplot":
                return None
            spec = importlib.machinery.PathFinder.find_spec(name, path)
            if spec and spec.loader:
                spec.loader = Loader(spec.loader)
            return spec

    def fail(error, trace):
        error.__traceback__ = trace
        sys.excepthook(type(error), error, trace)
        sys.exit(1)

    def run():
        os.environ.setdefault("MPLBACKEND", "Agg")
        sys.meta_path.insert(0, Finder())
        text = base64.b64decode(source)
        namespace = sys.modules["__main__"].__dict__
        namespace.pop("_daytona_run", None)
        try:
            code = compile(text, file_name, "exec", dont_inherit=True)
        except (SyntaxError, ValueError) as error:
            fail(error, None)
        try:
            exec(code, namespace)
        except SystemExit:
            raise
        except BaseException as error:
            fail(error, error.__traceback__.tb_next)

    run()


