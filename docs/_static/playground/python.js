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

  /** Text with the settings that it names in braces, as Python's floats. */
  const filledIn = (text, settings) =>
    text.replace(/\{(\w+)\}/g, (_, name) => String(settings[name]).replace(/^\d+$/, "$&.0"));

  /** @type {Is<"lossCode">} */
  function lossCode(settings) {
    const { method, batch, epochs, seed, seeds } = settings;
    const { torch, python, hyperparams } = methods[method];
    const first = Math.min(seed, 2 ** 32 - seeds);
    const states = method === "sgd" ? "None" : `d2l.optimizers.init_${python}_states`;
    const rule = torch ? `torch.optim.${python}` : `d2l.optimizers.${python},\n    ${states}`;
    const many = seeds > 1;
    return `import d2l_ch7 as d2l
${many ? "import numpy as np\n" : ""}${torch ? "import torch\n" : ""}
features, labels = d2l.get_data_ch7()
history = d2l.${torch ? "fit_torch" : "fit"}(
    ${rule},
    ${filledIn(hyperparams, settings)},
    features,
    labels,
    batch_size=${batch},
    num_epochs=${epochs},
    seed=${many ? `range(${first}, ${first + seeds})` : seed},
)
${many ? "median = np.median(history.final_loss)\n" : ""}print(f"${
      many ? `median loss of ${seeds} seeds: {median:.4f}` : "loss: {history.final_loss:f}"
    }")
`;
  }

  /** @type {Is<"bowlCode">} */
  function bowlCode(settings) {
    const { method, bowl, x1, x2, steps, noise, seed } = settings;
    const { torch, python, hyperparams, step } = methods[method];
    const [c1, c2] = bowls[bowl];
    const draw = noise ? " + np.random.normal(loc=0.1, scale=1)" : "";
    const seeded = noise ? `np.random.seed(${seed})\n` : "";
    const imports = noise ? "import numpy as np\n" : "";
    const end = `print(f"epoch ${steps}, x1 {x1:f}, x2 {x2:f}")\n`;
    if (torch) {
      return `${imports}import torch

x = torch.tensor([${x1}, ${x2}], dtype=torch.float64)
optimizer = torch.optim.${python}([x], **${filledIn(hyperparams, settings)})
${seeded}for _ in range(${steps}):
    x.grad = torch.tensor([${c1} * x[0]${draw}, ${c2} * x[1]${draw}], dtype=torch.float64)
    optimizer.step()
x1, x2 = x.tolist()
${end}`;
    }
    const usual = x1 === SETTINGS.x1.usual && x2 === SETTINGS.x2.usual;
    const loop = `x1, x2, s1, s2 = ${x1}, ${x2}, 0, 0
for _ in range(${steps}):
    x1, x2, s1, s2 = trainer(x1, x2, s1, s2)
${end}`;
    return `import math
import d2l_ch7 as d2l
${imports}
def step(g, s):
    ${filledIn(step, settings)}

def trainer(x1, x2, s1, s2):
    step1, s1 = step(${c1} * x1${draw}, s1)
    step2, s2 = step(${c2} * x2${draw}, s2)
    return x1 - step1, x2 - step2, s1, s2

${seeded}${usual ? `path = d2l.train_2d(trainer, ${steps})\n` : loop}`;
  }

  Object.assign(d2lPlayground, { fixed, lossLine, bowlLine, lossCode, bowlCode });
}
