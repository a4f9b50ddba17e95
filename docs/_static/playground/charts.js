/** Charts: the pieces that pictures are made of, as SVG text. */
"use strict";
{
  const FRAME = { left: 42, right: 350, top: 12, bottom: 212 };
  const { left, right, top, bottom } = FRAME;
  const FAR = 1e4; // places beyond this are cut off: no picture shows them

  /** A linear or logarithmic scale from values to places. @type {Is<"scale">} */
  function scale([low, high], [from, to], log = false) {
    const at = log ? Math.log : Number;
    const unit = (to - from) / (at(high) - at(low));
    return (value) => from + (at(value) - at(low)) * unit;
  }

  /** Round numbers between two, about so many; powers of ten where the scale is logarithmic. */
  function ticks([low, high], count, log = false) {
    if (log) return [0.0001, 0.001, 0.01, 0.1, 1, 10].filter((tick) => low <= tick && tick <= high);
    const rough = (high - low) / count;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = ([1, 2, 5, 10].find((m) => m * power >= rough * 0.99) ?? 10) * power;
    const first = Math.ceil(low / step - 1e-9);
    const many = Math.floor(high / step + 1e-9) - first + 1;
    return Array.from({ length: many }, (_, i) => Number(((first + i) * step).toPrecision(10)));
  }

  const short = (place) => Math.round(Math.min(Math.max(place, -FAR), FAR) * 10) / 10;
  const points = (places) => places.map(([x, y]) => `${short(x)} ${short(y)}`);

  /** @type {Is<"escape">} */
  const escape = (text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

  /** @type {Is<"element">} */
  function element(name, attributes, content = "") {
    const text = (value) => (typeof value === "number" ? short(value) : escape(value));
    const list = Object.entries(attributes).map(([key, value]) => ` ${key}="${text(value)}"`);
    return `<${name}${list.join("")}>${content}</${name}>`;
  }

  /** @type {Is<"path">} */
  const path = (look, d) => element("path", { d, class: look });

  /** @type {Is<"label">} */
  const label = ([x, y], words, look = "", anchor = "start") =>
    element("text", { x, y, class: look, "text-anchor": anchor }, escape(words));

  /** Places in a row. @type {Is<"row">} */
  const row = (y, ...xs) => xs.map((x) => [x, y]);

  /** A line through places, broken where one is no number. @type {Is<"line">} */
  function line(look, places) {
    const whole = places.map((place) => !place.some(Number.isNaN));
    const pieces = points(places).map((point, i) => `${whole[i - 1] ? "L" : "M"}${point}`);
    return path(`line ${look}`, pieces.filter((_, i) => whole[i]).join(""));
  }

  // A disc, and for kept curves a square, a triangle, a diamond, a triangle upside down, a cross.
  const MARKERS = [
    "m-2.5 0a2.5 2.5 0 1 0 5 0a2.5 2.5 0 1 0 -5 0z",
    "m-2.5 -2.5h5v5h-5z",
    "m0 -3.2l3.2 5.6h-6.4z",
    "m0 -3.6l3.6 3.6l-3.6 3.6l-3.6 -3.6z",
    "m0 3.2l3.2 -5.6h-6.4z",
    "m-3 -1h2v-2h2v2h2v2h-2v2h-2v-2h-2z",
  ];

  /** @type {Is<"markers">} */
  function markers(look, shape, places) {
    const seen = places.filter((place) => place.every((at) => Math.abs(at) < FAR));
    const d = points(seen).map((at) => `M${at}${MARKERS[shape]}`);
    return path(`marker ${look}`, d.join(""));
  }

  /** The ground between two lines. @type {Is<"band">} */
  const band = (look, upper, lower) =>
    path(`band ${look}`, `M${points([...upper, ...[...lower].reverse()]).join("L")}Z`);

  /** An arrow from a place, by so much. @type {Is<"arrow">} */
  function arrow(look, place, by) {
    const length = Math.hypot(...by);
    if (!(length > 3 && length < FAR)) return "";
    const [ux, uy] = by.map((at) => (at * 6) / length);
    const head = points([by, [-ux - uy / 2, ux / 2 - uy], [uy, -ux]]); // its shaft and two barbs
    return path(`arrow ${look}`, `M${points([place])}l${head[0]}m0 0l${head[1]}l${head[2]}z`);
  }

  /** What ends at the frame. @type {Is<"framed">} */
  function framed(...pieces) {
    const [width, height] = [right - left, bottom - top];
    const box = { x: left, y: top, width, height, viewBox: `${left} ${top} ${width} ${height}` };
    return element("svg", box, pieces.join(""));
  }

  /** The scales of two ranges, and the axes drawn: grid, numbers, names. @type {Is<"plot">} */
  function plot(xRange, yRange, [xName, yName], { counts = [5, 5], log = false } = {}) {
    const x = scale(xRange, [left, right], log);
    const y = scale(yRange, [bottom, top]);
    const xs = ticks(xRange, counts[0], log);
    const ys = counts[1] ? ticks(yRange, counts[1]) : [];
    const middle = `translate(10 ${(top + bottom) / 2}) rotate(-90)`;
    const axes = [
      ...xs.map((value) => path("grid", `M${short(x(value))} ${top}V${bottom}`)),
      ...ys.map((value) => path("grid", `M${left} ${short(y(value))}H${right}`)),
      ...xs.map((value) => label([x(value), bottom + 14], String(value), "tick", "middle")),
      ...ys.map((value) => label([left - 5, y(value) + 4], String(value), "tick", "end")),
      label([(left + right) / 2, bottom + 31], xName, "name", "middle"),
      element("g", { transform: middle }, label([0, 0], yName, "name", "middle")),
    ];
    return { x, y, axes: axes.join("") };
  }

  Object.assign(d2lPlayground, { FRAME, scale, escape, element, path, label, row, line });
  Object.assign(d2lPlayground, { markers, band, arrow, framed, plot });
}
