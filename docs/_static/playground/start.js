/** The start in the bowl: dragged, clicked, or moved by the arrow keys. */
"use strict";
{
  const { FRAME, allowed, bowlRanges, scale } = d2lPlayground;
  const { left, right, top, bottom } = FRAME;
  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

  /** Listen to the start; returns what puts it where settings say. @type {Is<"movableStart">} */
  function movableStart(svg, change) {
    const handle = /** @type {SVGElement} */ (svg.querySelector("[role=slider]"));
    /** @type {Settings} */
    let shown;
    /** @type {Settings | null} */
    let held = null; // while the start is dragged, the picture keeps its scales

    const move = (...place) => {
      const [x1, x2] = place.map((at) => allowed("x1", Math.round(at * 10) / 10));
      change({ x1, x2 });
    };
    const point = ({ clientX, clientY }) => {
      const box = svg.getBoundingClientRect();
      const unit = svg.viewBox.baseVal.width / box.width;
      const [xs, ys] = bowlRanges(held ?? shown);
      const x1 = scale([left, right], xs)((clientX - box.left) * unit);
      move(x1, scale([bottom, top], ys)((clientY - box.top) * unit));
    };
    svg.addEventListener("click", (event) => event.target !== handle && point(event));
    handle.addEventListener("pointerdown", ({ pointerId }) => {
      handle.setPointerCapture(pointerId);
      held = { ...shown };
    });
    handle.addEventListener("pointermove", (event) => held && point(event));
    handle.addEventListener("lostpointercapture", () => (held = null));
    handle.addEventListener("keydown", (event) => {
      const arrow = ARROWS[event.key];
      if (!arrow) return;
      event.preventDefault();
      const [by1, by2] = arrow.map((sign) => sign * (event.shiftKey ? 1 : 0.1));
      move(shown.x1 + by1, shown.x2 + by2);
    });

    return (settings) => {
      shown = settings;
      const [xs, ys] = bowlRanges(settings);
      handle.setAttribute("cx", String(scale(xs, [left, right])(settings.x1)));
      handle.setAttribute("cy", String(scale(ys, [bottom, top])(settings.x2)));
      handle.setAttribute("aria-valuenow", String(settings.x1));
      handle.setAttribute("aria-valuetext", `x1 ${settings.x1}, x2 ${settings.x2}`);
    };
  }

  Object.assign(d2lPlayground, { movableStart });
}
