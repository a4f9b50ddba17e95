/** Panels: each draws one view of the curves: the ground as SVG text, and what moves on it. */
"use strict";
{
  const { FRAME, arrow, band, data, element, framed, label, last, line } = d2lPlayground;
  const { markers, path, plot, quantiles, row } = d2lPlayground;
  const { left, right, top, bottom } = FRAME;
  const HALF_BAND = [0.025, 0.5, 0.975];

  /** The curves drawn, the one of the controls last and on top. */
  function layers(curves, draw) {
    return curves
      .map((curve, i) => draw(curve, `c${i}`, i))
      .reverse()
      .join("");
  }

  /** A line with some markers. */
  function trace(look, shape, places) {
    const every = Math.ceil(places.length / 32);
    const some = places.filter((_, k) => k % every === 0);
    return line(look, places) + markers(look, shape, some);
  }

  /** What a curve is called. @type {Is<"named">} */
  const named = (i, words) => (i ? "ABCDE"[i - 1] : words.now);

  /** The smallest of some sizes that holds a number. */
  const holding = (sizes, number) => sizes.find((size) => number < size) ?? last(sizes);

  /** A note at the lower right that something is not in the picture. */
  const note = (words, missing) =>
    missing ? label([right - 6, bottom - 6], words.leaves, "note", "end") : "";

  /** Contours of (c1 x² + c2 y²) / 2, and a cross at its minimum. */
  function valley(curvatures, x, y, levels) {
    const ellipses = levels.map((level) => {
      const [rx, ry] = curvatures.map((c) => Math.sqrt((2 * level) / c));
      const size = { cx: x(0), cy: y(0), rx: x(rx) - x(0), ry: y(0) - y(ry) };
      return element("ellipse", { ...size, class: "contour" });
    });
    return ellipses.join("") + path("minimum", `M${x(0) - 5} ${y(0)}h10m-5 -5v10`);
  }

  /** What the bowl's picture shows of x1 and of x2; it holds the start. @type {Is<"bowlRanges">} */
  function bowlRanges({ x1, x2 }) {
    const zoom = Math.max(1, Math.abs(x1) / 5.7, Math.abs(x2) / 2.8);
    return [
      [-6 * zoom, 3 * zoom],
      [-3 * zoom, 3 * zoom],
    ];
  }

  /** @type {Panel} */
  function bowl({ settings, curves, words, step }) {
    const ranges = bowlRanges(settings);
    const { x, y, axes } = plot(...ranges, ["x1", "x2"], { counts: [9, 6] });
    const zoom = ranges[0][1] / 3;
    const levels = [0.02, 0.1, 0.4, 1, 2, 4, 7, 11, 16].map((level) => level * zoom ** 2);
    const place = (point) => [x(point.x[0]), y(point.x[1])];
    const paths = layers(curves, ({ path }, look, i) => trace(look, i, path.map(place)));
    const [endX, endY] = place(last(curves[0].path));
    const inside = endX >= left && endX <= right && endY >= top && endY <= bottom;
    const point = curves[0].path[step];
    const shown = point ? arrows(settings, point, x, y) : "";
    const moving = framed(paths, shown) + note(words, !inside);
    return [axes + framed(valley(data.bowls[settings.bowl], x, y, levels)), moving];
  }

  /** What the rule goes by at a point: an arrow against the gradient, one with the velocity that it
   * carries on, and a box whose half sides are the roots of the squares. */
  function arrows({ method, lr, momentum }, { x: at, g, v, s }, x, y) {
    const plain = /sgd|momentum/.test(method); // the next step of these is the sum of the arrows
    const unit = plain ? lr : 0.25;
    const carried = plain ? momentum * (method === "momentum" ? 1 : lr) : 0.25;
    const by = (size, [a, b]) => [size * a * (x(1) - x(0)), size * b * (y(1) - y(0))];
    const place = [x(at[0]), y(at[1])];
    const [half, tall] = by(0.25, s.map(Math.sqrt)).map(Math.abs);
    const box = { x: place[0] - half, y: place[1] - tall, width: 2 * half, height: 2 * tall };
    const squares = element("rect", { ...box, class: "squares" });
    const drawn = [
      arrow("gradient", place, by(-unit, g)),
      arrow("velocity", place, by(-carried, v)),
    ];
    return (half < 1e4 && tall < 1e4 ? squares : "") + drawn.join("");
  }

  /** Loss against epoch: one run, or the median of many with the band of 95 %. @type {Panel} */
  function loss({ curves, words }) {
    const first = Math.max(...curves.map(({ run }) => run.losses[0]));
    const high = holding([0.6, 1, 1.5, 2, 3, 5], first);
    const end = Math.max(...curves.map(({ settings }) => settings.epochs));
    const { x, y, axes } = plot([0, end], [0.2, high], [words.epoch_axis, words.loss_axis]);
    const drawn = layers(curves, ({ run, many }, look, i) => {
      const place = (values) => values.map((value, k) => [x(run.epochs[k]), y(value)]);
      if (!many) return trace(look, i, place(run.losses));
      const at = (k) => many.map((losses) => losses[k]);
      const spread = run.epochs.map((_, k) => quantiles(HALF_BAND, at(k)));
      const [low, middle, upper] = [0, 1, 2].map((which) => place(spread.map((q) => q[which])));
      return band(look, upper, low) + line(look, middle) + line(`one ${look}`, place(run.losses));
    });
    const least = y(data.optimum);
    const missing = !(last(curves[0].run.losses) <= high);
    const name = label([right - 4, least + 13], words.least, "note", "end");
    const ground = axes + path("least", `M${left} ${least}H${right}`);
    return [ground, framed(drawn) + (missing ? note(words, missing) : name)];
  }

  /** A run's path along the data's flattest and steepest direction. @type {Panel} */
  function plane({ curves, words }) {
    const { curvatures, directions, minimizer } = data;
    const along = (v, theta) => v.reduce((sum, v_j, j) => sum + v_j * (theta[j] - minimizer[j]), 0);
    const paths = curves.map(({ run }) =>
      run.epochs.map((_, k) => directions.map((v) => along(v, run.thetas.subarray(6 * k)))),
    );
    const far = Math.max(...paths.flatMap(([[z1, z2]]) => [Math.abs(z1), 1.5 * Math.abs(z2)]));
    const size = holding([0.5, 1, 1.5, 2, 3], far);
    const names = [words.flat_axis, words.steep_axis];
    const { x, y, axes } = plot([-size, size], [-size / 1.5, size / 1.5], names);
    const levels = [0.001, 0.008, 0.024, 0.06, 0.12, 0.24, 0.48].map((level) => level * size ** 2);
    const place = ([z1, z2]) => [x(z1), y(z2)];
    const drawn = layers(paths, (zs, look, i) => trace(look, i, zs.map(place)));
    return [axes + framed(valley(curvatures, x, y, levels)), framed(drawn)];
  }

  /** Final losses over seeds, a row a curve: a ridge of how many end where, a bar for 95 % of them,
   * the median, this seed, and what was published. @type {Panel} */
  function spread({ curves, published, words }) {
    const finals = curves.map(({ many }) => (many ?? []).map(last));
    const ends = [...finals.flatMap((losses) => quantiles([0.98], losses)), ...published];
    const high = Math.min(Math.max(0.247, ...ends.filter(Number.isFinite)) + 0.001, 0.7);
    const { x, axes } = plot([0.24, high], [0, 1], [words.final_axis, ""], { counts: [5, 0] });
    const tall = (bottom - top) / curves.length;
    const rows = layers(curves, ({ run }, look, i) => {
      const base = top + tall * (i + 0.75);
      const [low, middle, upper] = quantiles(HALF_BAND, finals[i]).map(x);
      const seed = { cx: x(last(run.losses)), cy: base, r: 3.5, class: `seed ${look}` };
      const marks = i ? [] : published.map((value) => `M${x(value)} ${base - 6}l6 6l-6 6l-6 -6z`);
      const drawn = framed(
        band(look, ridge(finals[i].map(x), base - 6, tall * 0.55), row(base - 6, left)),
        path(`span ${look}`, `M${low} ${base}H${Math.min(upper, right)}`),
        path(`median ${look}`, `M${middle} ${base - 6}v12`),
        element("circle", seed),
        path("published", marks.join("")),
      );
      return drawn + label([left - 6, base + 4], named(i, words), "tick", "end");
    });
    return [axes + path("least", `M${x(data.optimum)} ${top}V${bottom}`), rows];
  }

  /** The outline of a histogram that stands on a floor. */
  function ridge(places, floor, tall) {
    const bins = new Array(44).fill(0);
    const width = (right - left) / bins.length;
    for (const place of places) if (place < right) bins[Math.floor((place - left) / width)]++;
    const unit = tall / Math.max(1, ...bins);
    const step = (i) => row(floor - bins[i] * unit, left + i * width, left + (i + 1) * width);
    return [...bins.flatMap((_, i) => step(i)), [right, floor]];
  }

  /** Final loss against the learning rate, a line a method. @type {Panel} */
  function sweep({ settings, words, sweep: found }) {
    const names = [words.lr, words.final_axis];
    const { x, y, axes } = plot([1e-4, 10], [0.2, 0.6], names, { log: true });
    const lines = found.map(({ method, rates, losses }, i) => {
      const look = method === settings.method ? "c0" : `c${i + 1}`;
      const height = top + 10 + 13 * i;
      const places = losses.map((loss, k) => [x(rates[k]), y(loss)]);
      const key = trace(look, i, row(height, left + 150, left + 161, left + 172));
      const name = label([left + 178, height + 4], data.methods[method].python, "note");
      return framed(trace(look, i, places)) + key + name;
    });
    return [axes, path("here", `M${x(settings.lr)} ${top}V${bottom}`) + lines.join("")];
  }

  /** A piece of a curve, for a table. @type {Is<"sample">} */
  const sample = (i) => trace(`c${i}`, i, row(6, 1, 15, 29));

  const PANELS = { bowl, loss, plane, spread, sweep };
  Object.assign(d2lPlayground, { HALF_BAND, PANELS, bowlRanges, named, sample });
}
