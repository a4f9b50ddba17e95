/** The bowl: a descent in the plane in double precision, as `d2l.train_2d` makes it. */
"use strict";
{
  const { RULES, data, numpyNormal } = d2lPlayground;

  /** @type {Is<"descend">} */
  function descend(settings) {
    const curvatures = data.bowls[settings.bowl];
    const normal = numpyNormal(settings.seed);
    const memory = {
      v: new Float64Array(2),
      s: new Float64Array(2),
      f: (/** @type {number} */ y) => y,
    };
    const update = RULES[settings.method](settings, memory);
    const x = Float64Array.of(settings.x1, settings.x2);
    const points = [];
    for (let step = 0; ; step++) {
      const g = x.map((x_j, j) => curvatures[j] * x_j + (settings.noise ? normal(0.1, 1) : 0));
      points.push({ x: [...x], g: [...g], v: [...memory.v], s: [...memory.s] });
      if (step === settings.steps) return points;
      for (let j = 0; j < 2; j++) update(x, g, j, step + 1);
    }
  }

  Object.assign(d2lPlayground, { descend });
}
