/** Controls: sliders, fields and choices show settings, and report what a reader changes. */
"use strict";
{
  const { allowed, data } = d2lPlayground;
  const readBySome = new Set(Object.values(data.methods).flatMap(({ reads }) => reads));

  /** The stops of a slider. @param {string} name */
  const stopsOf = (name) => data.settings[name].stops ?? [];

  /** The number of the stop nearest to a value. @param {string} name @param {number} value */
  function nearest(name, value) {
    const distances = stopsOf(name).map((stop) => Math.abs(stop - value));
    return distances.indexOf(Math.min(...distances));
  }

  /** The largest learning rates with which gradient descent and momentum come to rest: 2 / L, times
   * 1 + momentum, in the bowl and on the data. @param {Settings} settings */
  function limits({ method, momentum, bowl }) {
    if (!/sgd|momentum/.test(method)) return {};
    const twice = method.endsWith("momentum") ? 2 * (1 + momentum) : 2;
    const [inBowl, onData] = [data.bowls[bowl][1], data.curvatures[1]].map((L) => twice / L);
    return { bowl: Number(inBowl.toPrecision(3)), loss: Number(onData.toPrecision(3)) };
  }

  /** What an input is set to. @param {HTMLInputElement} input */
  function read({ type, value, checked, dataset: { key = "" } }) {
    if (type === "range") return stopsOf(key)[Number(value)];
    return allowed(key, type === "checkbox" ? Number(checked) : value);
  }

  /** Show a setting in an input. @param {HTMLInputElement} input @param {any} value */
  function write(input, value) {
    if (input.type === "radio") input.checked = input.value === String(value);
    else if (input.type === "checkbox") input.checked = Boolean(value);
    else if (input.type === "range") {
      input.value = String(nearest(String(input.dataset.key), value));
      input.setAttribute("aria-valuetext", String(value));
    } else input.value = String(value);
  }

  /** Listen to controls; returns what shows settings in them. @type {Is<"controls">} */
  function controls(root, change) {
    /** @type {any[][]} */
    const [inputs, marks, parts] = ["key", "limit", "part"].map((name) => [
      ...root.querySelectorAll(`[data-${name}]`),
    ]);
    /** @type {Settings} */
    let shown;
    for (const input of inputs) {
      const name = String(input.dataset.key);
      if (input.type === "range") input.max = String(stopsOf(name).length - 1);
      input.addEventListener("input", () => input.value && change({ [name]: read(input) }));
      input.addEventListener("change", () => write(input, shown[name])); // what was typed, as taken
    }
    return (settings) => {
      shown = settings;
      for (const input of inputs) {
        const value = settings[String(input.dataset.key)];
        const typed = input.type === "number" && input === document.activeElement;
        if (!typed || (input.value && read(input) !== value)) write(input, value);
      }
      const { reads } = data.methods[settings.method];
      const hidden = settings.hide.split(",");
      for (const part of parts) {
        const name = String(part.dataset.part);
        part.hidden = hidden.includes(name) || (readBySome.has(name) && !reads.includes(name));
      }
      for (const mark of marks) {
        const rate = limits(settings)[String(mark.dataset.limit)];
        mark.hidden = !rate;
        mark.dataset.with = mark.title = String(rate);
        mark.style.setProperty("--at", String(nearest("lr", rate) / (stopsOf("lr").length - 1)));
      }
    };
  }

  Object.assign(d2lPlayground, { controls });
}
