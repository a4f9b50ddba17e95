# ruff: noqa
import numpy as np
import torch
import d2l_ch7.ch11 as d2l

clock = d2l.Timer()
M = torch.randn(16, 16)
for way in (lambda: torch.stack([M @ column for column in M.t()], 1), lambda: M @ M):
    clock.start()
    way()
    clock.stop()
print("two times:", len(clock.times), clock.sum() == clock.times[0] + clock.times[1])

name = "airfoil_self_noise.dat"
d2l.DATA_HUB["airfoil"] = (d2l.DATA_URL + name, "76e5be1548fd8222e5074cf0faae75edff8cf93f")


def read(batch_size):
    rows = np.genfromtxt(d2l.download("airfoil"), dtype=np.float32, delimiter="\t")
    rows = torch.from_numpy((rows - rows.mean(axis=0)) / rows.std(axis=0))[:1500]
    return d2l.load_array((rows[:, :-1], rows[:, -1]), batch_size), rows.shape[1] - 1


def watched_training(rule, states, hp, batches, d, epochs=2):
    """The reader's own, which looks at the loss as it goes."""
    w = torch.normal(0.0, 0.01, (d, 1), requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    predict = lambda X: d2l.linreg(X, w, b)
    picture = d2l.Animator(xlabel="epoch", ylabel="loss", xlim=[0, epochs], ylim=[0.22, 0.35])
    seen, clock = 0, d2l.Timer()
    for epoch in range(epochs):
        for i, (X, y) in enumerate(batches):
            d2l.squared_loss(predict(X), y).mean().backward()
            rule([w, b], states, hp)
            seen += len(y)
            if seen % 200:
                continue
            clock.stop()
            loss = d2l.evaluate_loss(predict, batches, d2l.squared_loss)
            picture.add(epoch + (i + 1) / len(batches), (loss,))
            clock.start()
    print(f"loss: {picture.Y[0][-1]:.3f}, {clock.avg():.3f} sec/epoch")
    return clock.cumsum(), picture.Y[0]


def sgd(params, states, hp):
    for p in params:
        p.data.sub_(hp["lr"] * p.grad)
        p.grad.data.zero_()


torch.manual_seed(0)
theirs = watched_training(sgd, None, {"lr": 0.4}, *read(100), epochs=1)
torch.manual_seed(0)
ours = d2l.train_ch11(sgd, None, {"lr": 0.4}, *d2l.get_data_ch11(100), num_epochs=1)
print("the same:", np.allclose(theirs[1], ours[1], rtol=1e-6), len(theirs[0]) == len(ours[0]))
