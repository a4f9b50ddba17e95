/** Training: the chapter's linear model on the airfoil data, step for step as `d2l.fit` does it. */
"use strict";
{
  const { MT19937, RULES, data, epochOrder, numpyNormal, torchUniform } = d2lPlayground;
  const f = Math.fround;
  const N = 1500; // samples
  const D = 6; // parameters: five weights and the bias
  const RECORD_EVERY = 100; // samples, as in the book
  const LONG = 1024; // samples whose errors are no longer added up one by one
  const NEAR_OVERFLOW = 1e37; // from where on float32 is asked
  const bytes = Uint8Array.from(atob(data.table), (byte) => byte.charCodeAt(0));
  const table = new Float32Array(bytes.buffer); // N rows of five features and the label

  /** The book's model starts from small normal weights out of NumPy's generator, torch.nn.Linear
   * from uniform ones out of torch's, which then draws the order, too. @type {Is<"start">} */
  function start({ method, seed }) {
    const theta = new Float32Array(D);
    const generator = new MT19937(seed);
    if (data.methods[method].torch) {
      return { theta: theta.map(() => torchUniform(generator, 1 / Math.sqrt(5))), generator };
    }
    const normal = numpyNormal(seed);
    return { theta: theta.map((_, j) => (j < 5 ? normal(0, 0.01) : 0)), generator };
  }

  /** @type {Is<"last">} */
  const last = (list) => list[list.length - 1];

  /** @type {Is<"fit">} */
  function fit(settings) {
    const { theta, generator } = start(settings);
    const gradient = new Float32Array(D);
    const memory = { v: new Float32Array(D), s: new Float32Array(D), f };
    const update = RULES[settings.method](settings, memory);
    const batch = Math.min(settings.batch, N);
    const [thetas, steps, epochs] = [[...theta], [0], [0]];
    let step = 0;
    for (let epoch = 0; epoch < settings.epochs; epoch++) {
      const order = batch < N ? epochOrder(generator, N) : null; // a full batch is kept in order
      for (let from = 0; from < N; from += batch) {
        const to = Math.min(from + batch, N);
        if (order) differentiate(theta, order, from, to, gradient);
        else differentiateAll(theta, gradient);
        step++;
        for (let j = 0; j < D; j++) update(theta, gradient, j, step);
        const end = to === N && epoch === settings.epochs - 1;
        if (end || Math.floor(to / RECORD_EVERY) > Math.floor(from / RECORD_EVERY)) {
          thetas.push(...theta);
          steps.push(step);
          epochs.push(epoch + to / N);
        }
      }
    }
    const halvedLast = data.methods[settings.method].torch;
    const losses = steps.map((_, k) => loss(thetas.slice(k * D, k * D + D), halvedLast));
    return { epochs, steps, thetas: Float32Array.from(thetas), losses };
  }

  /** The gradient of a minibatch's mean loss, with sums in the order in which torch's library takes
   * them (found by trying all): one sample starts from the label, others end with it, and where
   * memory is not aligned, groups of four samples pair the products otherwise. */
  function differentiate(theta, order, from, to, gradient) {
    const size = to - from;
    const share = f(1 / size);
    const paired = from % 4 === 2 && size > 1 ? to - (size % 4) : from;
    let total = 0;
    gradient.fill(0);
    for (let i = from; i < to; i++) {
      const row = D * (order ? order[i] : i);
      const a = f(table[row] * theta[0]);
      const b = f(table[row + 1] * theta[1]);
      const c = f(table[row + 2] * theta[2]);
      const d = f(table[row + 3] * theta[3]);
      const e = f(table[row + 4] * theta[4]);
      const y = table[row + 5];
      let z;
      if (size === 1) z = f(f(f(f(f(a - y) + b) + c) + d) + e);
      else if (i < paired) z = f(f(f(f(a + b) + d) + f(c + e)) - y);
      else z = f(f(f(f(f(a + b) + c) + d) + e) - y);
      z = f(z + theta[5]);
      total += z;
      const r = f(z * share);
      for (let j = 0; j < 5; j++) gradient[j] = gradient[j] + f(table[row + j] * r);
      gradient[5] = gradient[5] + r;
    }
    if (size > LONG) gradient[5] = total / size;
  }

  /** The gradient of all samples' mean loss: in double precision, by the factor R. */
  function differentiateAll(theta, gradient) {
    const r = residuals(theta);
    const sum = (_, j) => r.reduce((sum, r_i, i) => sum + data.factor[i][j] * r_i, 0) / N;
    const found = Array.from(theta, sum);
    if (Math.hypot(...found) < NEAR_OVERFLOW) gradient.set(found);
    else differentiate(theta, null, 0, N, gradient);
  }

  /** What parameters leave unexplained, by the triangular factor R of the data, [X, 1, -y] = QR. */
  function residuals(theta) {
    return data.factor.map((row, i) => {
      let r = row[D];
      for (let j = i; j < D; j++) r += row[j] * theta[j];
      return r;
    });
  }

  /** Half the mean squared error on all samples; near the end of float32, as float32 has it. */
  function loss(theta, halvedLast) {
    const sum = residuals(theta).reduce((sum, r) => sum + r * r, 0);
    if (sum < NEAR_OVERFLOW || theta.some(Number.isNaN)) return sum / (2 * N);
    let total = 0;
    for (let row = 0; row < table.length; row += D) {
      let r = 0;
      for (let j = 0; j < 5; j++) r = f(r + f(table[row + j] * theta[j]));
      r = f(f(r + theta[5]) - table[row + 5]);
      total = f(total + (halvedLast ? f(r * r) : f(f(r * r) / 2)));
    }
    return halvedLast ? f(f(total / N) / 2) : f(total / N);
  }

  /** @type {Is<"fitSeeds">} */
  function* fitSeeds(settings, count) {
    const first = Math.min(settings.seed, 2 ** 32 - count);
    const runs = [];
    for (let i = 0; i < count; i++) {
      runs.push(fit({ ...settings, seed: first + i }).losses);
      yield runs;
    }
    return runs;
  }

  /** The final loss of each method at many learning rates, one a yield. @type {Is<"sweepRates">} */
  function* sweepRates(settings) {
    const { torch } = data.methods[settings.method];
    const methods = Object.keys(RULES).filter((method) => data.methods[method].torch === torch);
    const rates = (data.settings.lr.stops ?? []).filter((_, i) => i % 4 === 0);
    /** @type {Sweep[]} */
    const found = methods.map((method) => ({ method, rates, losses: [] }));
    for (const { method, losses } of found) {
      for (const lr of rates) {
        losses.push(last(fit({ ...settings, method, lr }).losses));
        yield found;
      }
    }
    return found;
  }

  /** `numpy.quantile`; a run that diverged to nan counts as the largest. @type {Is<"quantiles">} */
  function quantiles(shares, values) {
    const sorted = Float64Array.from(values, (x) => (Number.isNaN(x) ? Infinity : x)).sort();
    return shares.map((share) => {
      const at = share * (sorted.length - 1);
      const [low, high] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
      return low === high ? low : low + (high - low) * (at % 1);
    });
  }

  Object.assign(d2lPlayground, { start, fit, fitSeeds, sweepRates, quantiles, last });
}
