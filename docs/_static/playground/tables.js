/** Tables: what curves are set to and what came out of them, in words and numbers, as HTML. */
"use strict";
{
  const { HALF_BAND, data, escape, fixed, last, named, quantiles, sample } = d2lPlayground;

  const row = (cells) => `<tr>${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`;
  const th = (word) => (word ? `<th scope="col">${escape(word)}</th>` : "<td></td>");
  const head = (words) => `<tr>${words.map(th).join("")}</tr>`;

  /** The method, what it reads, and what else is not as usual. @param {Settings} settings */
  function describe(settings, words) {
    const { python, torch, reads } = data.methods[settings.method];
    const more = ["batch", "epochs"];
    const unusual = more.filter((name) => settings[name] !== data.settings[name].usual);
    const value = (name) => `${words[name].toLowerCase()} ${settings[name]}`;
    const values = [...reads, ...unusual].map(value);
    return `${torch ? "torch.optim." : ""}${python}: ${values.join(", ")}`;
  }

  /** Each curve's final loss; of many seeds the median, 95 % of them, and how many end lower than
   * those of the curve now. @type {Is<"curvesTable">} */
  function curvesTable({ settings, curves, words }) {
    const finals = curves.map(({ many }) => (many ?? []).map(last));
    const rows = curves.map(({ settings: own, run }, index) => {
      const losses = finals[index];
      const [low, middle, high] = quantiles(HALF_BAND, losses).map((loss) => fixed(loss, 4));
      const wins = losses.filter((loss, i) => loss < finals[0][i]).length;
      const many = [middle, `${low} – ${high}`, index ? `${wins} / ${losses.length}` : ""];
      const look = `<svg viewBox="0 0 30 12" aria-hidden="true">${sample(index)}</svg>`;
      const drop = `<button type="button" data-act="drop" data-with="${index}">`;
      return row([
        `${look} ${escape(named(index, words))}`,
        escape(describe(own, words)),
        fixed(last(run.losses)),
        ...(settings.seeds > 1 ? (losses.length ? many : ["", "", ""]) : []),
        index ? `${drop}${escape(words.drop)}</button>` : "",
      ]);
    });
    const spread = settings.seeds > 1 ? [words.median, words.range, words.wins] : [];
    return head([words.curve, words.settings, words.loss, ...spread, ""]) + rows.join("");
  }

  /** The records of the curve now. @type {Is<"recordsTable">} */
  function recordsTable({ curves: [{ run }], words }) {
    const record = (loss, k) => row([fixed(run.epochs[k], 2), run.steps[k], fixed(loss)]);
    const rows = run.losses.map(record);
    return head([words.epoch_axis, words.step_axis, words.loss_axis]) + rows.join("");
  }

  Object.assign(d2lPlayground, { curvesTable, recordsTable });
}
