"""A figure of paths in motion: one animated picture inside the page, a still for whoever asks."""

import base64
import io

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image


class Motion:
    """The paths of a figure as they grow, step by step; shown as HTML below the page's code.

    ``figures`` gives it the words: its alt text from the prose, and what it is called.
    """

    def __init__(self, fig, paths, milliseconds=250):
        frames = list(draw(fig, {name: np.asarray(path) for name, path in paths.items()}))
        pause = [milliseconds] * (len(frames) - 1) + [2000]
        options = {"save_all": True, "append_images": frames[1:], "duration": pause, "loop": 0}
        self.moving = encode(frames[0], quality=60, **options)
        self.still = encode(frames[-1], quality=60)
        self.width, self.height = frames[0].size

    def _repr_html_(self):
        return (
            "<details open><summary></summary><picture>"
            f'<source media="(prefers-reduced-motion: reduce)" srcset="{self.still}">'
            f'<img class="dark-light" alt="" width="{self.width}" height="{self.height}" '
            f'src="{self.moving}"></picture></details>'
        )


def draw(fig, paths):
    """A picture for each step. What stands still is drawn once; the lines are found by label."""
    lines = {line.get_label(): line for ax in fig.axes for line in ax.lines}
    heads = {
        name: lines[name].axes.plot([], [], "o", color=lines[name].get_color(), markersize=9)[0]
        for name in paths
    }
    moving = [*(lines[name] for name in paths), *heads.values()]
    for artist in moving:
        artist.set_animated(True)  # leaves them out of what is drawn once
    canvas = FigureCanvasAgg(fig)
    fig.set_dpi(100)
    canvas.draw()
    still = canvas.copy_from_bbox(fig.bbox)
    for step in range(max(map(len, paths.values()))):
        for name, path in paths.items():
            lines[name].set_data(*path[: step + 1].T)
            heads[name].set_data(*path[step : step + 1].T)
        canvas.restore_region(still)
        for artist in moving:
            artist.axes.draw_artist(artist)
        yield Image.fromarray(np.array(canvas.buffer_rgba())[..., :3])


def encode(image, **options):
    buffer = io.BytesIO()
    image.save(buffer, "webp", **options)
    return f"data:image/webp;base64,{base64.b64encode(buffer.getvalue()).decode()}"
