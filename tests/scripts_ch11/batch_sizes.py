# ruff: noqa
import d2l_ch7.ch11 as d2l
import torch


def sgd(params, states, hyperparams):
    with torch.no_grad():
        for p in params:
            p[:] -= hyperparams["lr"] * p.grad
            p.grad.zero_()


def run(lr, batch_size, num_epochs=2):
    torch.manual_seed(0)
    data_iter, feature_dim = d2l.get_data_ch11(batch_size, 600)
    return d2l.train_ch11(sgd, None, {"lr": lr}, data_iter, feature_dim, num_epochs)


full = run(0.5, 600, 10)
single = run(0.005, 1, 1)
hundred = run(0.4, 100)
d2l.plt.close("all")
d2l.set_figsize([6, 3])
d2l.plot(
    *list(map(list, zip(full, single, hundred))),
    "time (sec)",
    "loss",
    xlim=[1e-2, 10],
    legend=["gd", "sgd", "batch size=100"],
)
d2l.plt.gca().set_xscale("log")
low, high = d2l.plt.gca().get_xlim()
for line in d2l.plt.gca().lines:
    x = line.get_xdata()
    print("in sight:", bool(((low <= x) & (x <= high)).any()))
d2l.plt.savefig("times.png")
d2l.plt.show()
