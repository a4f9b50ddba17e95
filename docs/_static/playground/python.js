/** Python: numbers and lines as it prints them, and the code that prints the same. */
"use strict";
{
  const { bowls, methods, settings: SETTINGS } = d2lPlayground.data;

  /** f"{x:.6f}": a tie takes the even digit, a large number shows them all. @type {Is<"fixed">} */
  function fixed(x, digits = 6) {
    if (!Number.isFinite(x)) return String(x).replace("Infinity", "inf").replace("NaN", "nan");
    const size = Math.abs(x);
    const sign = x < 0 || Object.is(x, -0) ? "-" : "";
    if (size >= 1e21) return `${sign}${BigInt(size)}.${"0".repeat(digits)}`;
    const tie = (size * 2 ** (digits + 1)) % 2 === 1;
    const longer = size.toFixed(digits + 1);
    return sign + (tie && /[02468]5$/.test(longer) ? longer.slice(0, -1) : size.toFixed(digits));
  }

  /** @type {Is<"lossLine">} */
  const lossLine = (loss, seeds) =>
    seeds > 1 ? `median loss of ${seeds} seeds: ${fixed(loss, 4)}` : `loss: ${fixed(loss)}`;

  /** @type {Is<"bowlLine">} */
  const bowlLine = ({ steps }, path) =>
    `epoch ${steps}, x1 ${fixed(path[steps].x[0])}, x2 ${fixed(path[steps].x[1])}`;

  /** Python code, with settings where it has their names; what a method reads is a float.
   * @param {string} name @param {Settings} settings */
  function code(name, settings) {
    const { codes, reads } = methods[settings.method];
    const text = (key) =>
      String(settings[key]).replace(/^\d+$/, reads.includes(key) ? "$&.0" : "$&");
    return codes[name].replace(/\{(\w+)\}/g, (_, key) => text(key));
  }

  /** @type {Is<"lossCode">} */
  function lossCode(settings) {
    const { seed, seeds } = settings;
    const first = Math.min(seed, 2 ** 32 - seeds);
    return code(seeds > 1 ? "many" : "loss", { ...settings, first, end: first + seeds });
  }

  /** @type {Is<"bowlCode">} */
  function bowlCode(settings) {
    const { bowl, x1, x2, noise } = settings;
    const moved = x1 !== SETTINGS.x1.usual || x2 !== SETTINGS.x2.usual;
    const [c1, c2] = bowls[bowl];
    const name = `bowl${moved ? " moved" : ""}${noise ? " noise" : ""}`;
    return code(name, { ...settings, c1, c2 });
  }

  Object.assign(d2lPlayground, { fixed, lossLine, bowlLine, lossCode, bowlCode });
}
