/** The playground: a reader's settings, what is computed from them, and when it is shown. */
"use strict";
{
  const { PANELS, bowlCode, bowlLine, controls, curvesTable, data, descend, fit } = d2lPlayground;
  const { fitSeeds, format, last, lossCode, lossLine, movableStart, parse } = d2lPlayground;
  const { quantiles, recordsTable, sweepRates } = d2lPlayground;
  const KEPT = 5; // curves beside the one that the controls set
  const REMEMBERED = 50; // curves, and sweeps, with their runs
  const SLICE = 10; // milliseconds of a frame for what takes many frames
  const REST = 400; // milliseconds without a change, before it is announced and written down
  const CODES = { bowl: bowlCode, loss: lossCode };
  const published = data.published.map((each) => ({ ...each, settings: parse(each.state) }));

  /** What was published of settings. @param {Settings} settings @param {string} panel */
  function publishedLines(settings, panel) {
    const part = panel === "bowl" ? ["bowl", "x1", "x2", "steps", "noise"] : ["batch", "epochs"];
    const names = ["method", ...data.methods[settings.method].reads, ...part];
    const same = (other) => names.every((name) => other[name] === settings[name]);
    const found = published.filter((each) => each.panel === panel && same(each.settings));
    return [...new Set(found.map(({ line }) => line.replace("loss: ", "")))];
  }

  /** Bring a playground to life. @param {HTMLElement} root */
  function play(root) {
    const small = root.classList.contains("small");
    const words = JSON.parse(String(root.querySelector("script")?.textContent));
    /** @type {any[]} */
    const figures = [...root.querySelectorAll("[data-panel]")];
    const bowl = /** @type {any} */ (root.querySelector("[data-panel=bowl] svg"));
    const showControls = controls(root, set);
    const showStart = bowl ? movableStart(bowl, change) : () => {};
    const known = new Map(); // what was computed of each curve and sweep
    const filled = new WeakMap(); // what HTML an element has
    let settings = parse("");
    let kept = /** @type {Settings[]} */ ([]);
    let lines = { bowl: "", loss: "" };
    let [frame, timer, work] = [0, 0, ""];

    /** The element that has a role here. @param {string} role @returns {any} */
    const place = (role) => root.querySelector(`[data-role="${role}"]`);
    const shown = ["loss", "bowl"].filter((panel) => place(`line-${panel}`));

    /** Put text, or HTML, where it is not already. */
    function say(role, text) {
      if (place(role) && place(role).textContent !== text) place(role).textContent = text;
    }
    function fill(element, html) {
      if (filled.get(element) === html) return;
      element.innerHTML = html;
      filled.set(element, html);
    }

    // Settings: changed, taken out of text, and written into the address

    function change(changes, keep = kept) {
      Object.assign(settings, changes);
      kept = keep;
      clearTimeout(timer);
      timer = setTimeout(settle, REST);
      frame ||= requestAnimationFrame(show);
    }

    /** What a control sets; another number of seeds shows what it is about. */
    function set(changes) {
      const { seeds } = changes;
      change(seeds ? { ...changes, panel: seeds > 1 ? "spread" : "loss" } : changes);
    }

    /** Take the settings, and those of kept curves, each after a "~". */
    function load(text) {
      [settings, ...kept] = text.split("~", KEPT + 1).map(parse);
      change({});
    }

    const text = () => [format(settings, true), ...kept.map((own) => format(own))].join("~");

    function settle() {
      if (small) place("open").href = `${root.dataset.page}#${text()}`;
      else history.replaceState(null, "", `#${text()}`);
      say("live", shown.map((panel) => lines[panel]).join("; "));
    }

    /** Take an experiment's settings; the seed stays, and what is hidden. */
    function choose(task) {
      const { hide, seed } = settings;
      const option = [...(place("tasks")?.options ?? [])].find(({ value }) => value === task);
      load(option?.dataset.state ?? root.dataset.state);
      if (place("answer")) place("answer").open = false;
      change({ task, hide, seed });
    }

    const acts = {
      keep: () => change({}, [{ ...settings }, ...kept].slice(0, KEPT)),
      drop: (index) => kept.splice(index - 1, 1) && change({}),
      reseed: () => change({ seed: Math.floor(Math.random() * 2 ** 32) }),
      sweep: () => change({ sweep: 1 - settings.sweep, panel: settings.sweep ? "loss" : "sweep" }),
      reset: () => choose(settings.task),
      tab: (panel) => change({ panel }),
      limit: (rate) => change({ lr: Number(rate) }),
      async copy(panel) {
        await navigator.clipboard.writeText(place(`python-${panel}`).textContent);
        say("live", words.copied);
      },
      try(task) {
        choose(task);
        root.scrollIntoView();
        place("tasks").focus({ preventScroll: true });
      },
    };

    // What is shown: controls, pictures, lines, tables

    /** A curve, under the seed of all, with what is known of it. @returns {Curve} */
    function curve(own) {
      const { seed, seeds } = settings;
      const [key, seeded] = [`${seed} ${format(own)}`, { ...own, seed }];
      if (!known.has(key)) known.set(key, { path: descend(seeded), run: fit(seeded) });
      const many = seeds > 1 ? known.get(`${seeds} ${key}`) : null;
      return { settings: own, ...known.get(key), many };
    }

    function show() {
      frame = 0;
      const curves = [settings, ...kept].map(curve);
      const marks = publishedLines(settings, "loss").map(Number);
      const sweep = known.get(sweepKey()) ?? [];
      showControls(settings);
      const pointed = root.querySelector("[data-part=step]:not([hidden])");
      const step = pointed ? Math.min(settings.step, settings.steps) : -1;
      const model = { settings, curves, words, published: marks, sweep, step };
      showStart(settings);
      for (const figure of figures) draw(figure, model);
      print(model);
      begin();
    }

    function draw(figure, model) {
      const { panel } = figure.dataset;
      const [one, alone] = [settings.seeds === 1, !kept.length];
      const idle = { spread: one, sweep: !settings.sweep, results: one && alone };
      figure.hidden ||= idle[panel] ?? false;
      figure.classList.toggle("chosen", small || [settings.panel, "results"].includes(panel));
      const tab = root.querySelector(`.tabs [data-with=${panel}]`);
      tab?.toggleAttribute("hidden", figure.hidden);
      tab?.setAttribute("aria-pressed", String(settings.panel === panel));
      if (figure.hidden || !PANELS[panel]) return;
      const layers = figure.querySelectorAll("svg > g");
      PANELS[panel](model).forEach((piece, i) => fill(layers[i], piece));
    }

    /** @param {Model} model */
    function print(model) {
      const [{ path, run, many }] = model.curves;
      const finals = (many ?? [run.losses]).map(last);
      const [loss] = quantiles([0.5], finals);
      lines = { bowl: bowlLine(settings, path), loss: lossLine(loss, finals.length) };
      for (const panel of shown) {
        const found = publishedLines(settings, panel);
        say(`line-${panel}`, lines[panel]);
        say(`python-${panel}`, CODES[panel](settings));
        say(`book-${panel}`, found.length ? words.in_book.replace("%s", found.join("; ")) : "");
      }
      if (small) return;
      place("tasks").value = settings.task;
      say("task", place("tasks").selectedOptions[0]?.dataset.question ?? "");
      const answer = document.getElementById(settings.task)?.querySelector("details");
      fill(place("answer"), answer?.innerHTML ?? "");
      fill(place("results"), curvesTable(model));
      if (place("records").closest("details").open) fill(place("records"), recordsTable(model));
      place("sweep").setAttribute("aria-pressed", String(Boolean(settings.sweep)));
    }

    // What takes many frames: runs of many seeds, and the sweep

    const sweepKey = () => `${settings.seed} ${format({ ...settings, lr: 0 })}`;

    /** Compute what is still unknown, a run a yield. */
    function* unknown() {
      const { seed, seeds, sweep } = settings;
      for (const own of seeds > 1 ? [settings, ...kept] : []) {
        const key = `${seeds} ${seed} ${format(own)}`;
        if (known.get(key)?.length === seeds) continue;
        for (const runs of fitSeeds({ ...own, seed }, seeds)) yield known.set(key, runs);
      }
      const key = sweepKey();
      const all = ({ rates, losses }) => losses.length === rates.length;
      if (!sweep || known.get(key)?.every(all)) return;
      for (const found of sweepRates({ ...settings })) yield known.set(key, found);
    }

    /** Spend a part of each frame on what is unknown; begin anew when the curves change. */
    function begin() {
      const { seed, seeds, sweep } = settings;
      const now = [seed, seeds, sweep, ...[settings, ...kept].map((own) => format(own))].join();
      if (work === now) return;
      work = now;
      if (known.size > REMEMBERED) known.clear();
      const runs = unknown();
      let [done, frames] = [false, 0];
      requestAnimationFrame(function slice() {
        if (work !== now) return;
        const end = performance.now() + SLICE;
        while (!done && performance.now() < end) done = Boolean(runs.next().done);
        if (done ? frames : frames % 12 === 0) change({});
        frames++;
        if (!done) requestAnimationFrame(slice);
      });
    }

    (small ? root : document).addEventListener("click", ({ target }) => {
      const button = /** @type {Element} */ (target).closest("button");
      const { act = "", with: what } = button?.dataset ?? {};
      acts[act]?.(what);
    });
    root.addEventListener("toggle", () => (frame ||= requestAnimationFrame(show)), true);
    place("tasks")?.addEventListener("change", () => choose(place("tasks").value));
    if (!small) addEventListener("hashchange", () => load(location.hash.slice(1)));
    root.hidden = false;
    document.documentElement.classList.add("playing");
    load((!small && location.hash.slice(1)) || root.dataset.state);
    return { load, text, settings: () => settings };
  }

  /** @type {any[]} */
  const roots = [...document.querySelectorAll(".playground")];
  Object.assign(d2lPlayground, { all: roots.map(play) });
}
