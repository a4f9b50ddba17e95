"""Python code that prints what the playground shows, with the names of settings in braces."""

from itertools import product

# In the bowl: how far a coordinate steps by its derivative g, and what it remembers as s.
STEPS = {
    "sgd": "return {lr} * g, s",
    "momentum": """v = {momentum} * s + {lr} * g
    return v, v""",
    "adagrad": """s = s + g * g
    return {lr} * g / math.sqrt(s + 1e-6), s""",
    "rmsprop": """s = {gamma} * s + (1 - {gamma}) * (g * g)
    return {lr} * g / math.sqrt(s + 1e-6), s""",
    "adadelta": """s, delta = s or (0, 0)
    s = {rho} * s + (1 - {rho}) * (g * g)
    step = math.sqrt((delta + 1e-5) / (s + 1e-5)) * g
    return step, (s, {rho} * delta + (1 - {rho}) * (step * step))""",
    "adam": """v, s, t = s or (0, 0, 1)
    v = 0.9 * v + (1 - 0.9) * g
    s = 0.999 * s + (1 - 0.999) * (g * g)
    root = math.sqrt(s / (1 - 0.999**t))
    return {lr} * (v / (1 - 0.9**t)) / (root + 1e-6), (v, s, t + 1)""",
}


def codes(method) -> dict[str, str]:
    """All code for a method, by what it prints: a loss, or where a descent in the bowl ends."""
    bowl = bowl_by_torch if method.torch else bowl_by_rule
    found = {"loss": loss(method, many=False), "many": loss(method, many=True)}
    for moved, noise in product(("", " moved"), ("", " noise")):
        found[f"bowl{moved}{noise}"] = bowl(method, moved, noise)
    return found


def hyperparams(method) -> str:
    found = method.hyperparams({name: f"{{{name}}}" for name in method.reads})
    return str(found).replace("'{", "{").replace("}'", "}").replace("'", '"')


def imports(*names: str | bool) -> str:
    """Import statements; False stands for none."""
    return "".join(f"import {name}\n" for name in names if name)


def loss(method, many: bool) -> str:
    """The final loss of a run, or the median of many."""
    name = method.python
    states = "None" if name == "sgd" else f"d2l.optimizers.init_{name}_states"
    rule = f"torch.optim.{name}" if method.torch else f"d2l.optimizers.{name},\n    {states}"
    used = imports("d2l_ch7 as d2l", many and "numpy as np", method.torch and "torch")
    median = "median = np.median(history.final_loss)\n"
    line = "median loss of {seeds} seeds: {median:.4f}" if many else "loss: {history.final_loss:f}"
    return f"""{used}
features, labels = d2l.get_data_ch7()
history = d2l.{"fit_torch" if method.torch else "fit"}(
    {rule},
    {hyperparams(method)},
    features,
    labels,
    batch_size={{batch}},
    num_epochs={{epochs}},
    seed={"range({first}, {end})" if many else "{seed}"},
)
{median * many}print(f"{line}")
"""


END = 'print(f"epoch {steps}, x1 {x1:f}, x2 {x2:f}")\n'
NOISE = " + np.random.normal(loc=0.1, scale=1)"
SEED = "np.random.seed({seed})\n"


def bowl_by_rule(method, moved, noise) -> str:
    """A descent by the book's `train_2d`, or from another start by a loop of its own."""
    draw, descent = NOISE * bool(noise), "path = d2l.train_2d(trainer, {steps})\n"
    if moved:
        descent = f"""x1, x2, s1, s2 = {{x1}}, {{x2}}, 0, 0
for _ in range({{steps}}):
    x1, x2, s1, s2 = trainer(x1, x2, s1, s2)
{END}"""
    step = STEPS[method.python]
    used = imports("math." in step and "math", "d2l_ch7 as d2l", noise and "numpy as np")
    return f"""{used}
def step(g, s):
    {step}

def trainer(x1, x2, s1, s2):
    step1, s1 = step({{c1}} * x1{draw}, s1)
    step2, s2 = step({{c2}} * x2{draw}, s2)
    return x1 - step1, x2 - step2, s1, s2

{SEED * bool(noise)}{descent}"""


def bowl_by_torch(method, moved, noise) -> str:
    """A descent by an optimizer of torch, in double precision, from wherever."""
    draw = " + torch.from_numpy(np.random.normal(loc=0.1, scale=1, size=2))" * bool(noise)
    return f"""{imports(noise and "numpy as np", "torch")}
curvatures = torch.tensor([{{c1}}, {{c2}}], dtype=torch.float64)
x = torch.tensor([{{x1}}, {{x2}}], dtype=torch.float64)
optimizer = torch.optim.{method.python}([x], **{hyperparams(method)})
{SEED * bool(noise)}for _ in range({{steps}}):
    x.grad = curvatures * x{draw}
    optimizer.step()
x1, x2 = x.tolist()
{END}"""
