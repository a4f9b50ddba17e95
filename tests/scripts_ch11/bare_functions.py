# ruff: noqa
from d2l_ch7.ch11 import Animator, Timer, evaluate_loss, get_data_ch11, linreg, squared_loss
import torch

data_iter, d = get_data_ch11(batch_size=250)
w, b = torch.zeros((d, 1), requires_grad=True), torch.zeros(1, requires_grad=True)
optimizer = torch.optim.SGD([w, b], lr=0.3)
animator = Animator(
    "epoch", "loss", legend=["train", "best"], xlim=[1, 5], yscale="log", figsize=(5, 3)
)
timer, best = Timer(), float("inf")
torch.manual_seed(3)
for epoch in range(1, 6):
    timer.start()
    for X, y in data_iter:
        optimizer.zero_grad()
        squared_loss(linreg(X, w, b), y).sum().div(len(X)).backward()
        optimizer.step()
    timer.stop()
    loss = evaluate_loss(lambda X: linreg(X, w, b), data_iter, squared_loss)
    best = min(best, loss)
    animator.add(epoch, (loss, best if epoch > 1 else None))
print(animator.X, [len(y) for y in animator.Y], len(timer.cumsum()), animator.Y[0][-1] < 0.26)
animator.fig.savefig("curve.svg")
