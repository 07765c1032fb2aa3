"""Train with PyTorch, stop half-way, and resume from a file: the same rates and weights as without.

A checkpoint holds the states of the model, the optimizer and the scheduler. They are plain data, so
that `torch.load` needs no trust in the file. The schedule itself is code: it is made again.
"""

import torch

import fastlr
from fastlr.torch import ScheduleLR

TOTAL_STEPS, HALF = 60, 30

schedule = fastlr.recipes.cosine_with_warmup(0.1, TOTAL_STEPS, warmup_steps=10, end=0.001)

torch.manual_seed(1)
x = torch.randn(64, 4)
y = x.sum(dim=1, keepdim=True)


def new_training():
    """A model, its optimizer and its scheduler."""
    torch.manual_seed(2)
    model = torch.nn.Linear(4, 1)
    optimizer = torch.optim.AdamW(model.parameters())
    return model, optimizer, ScheduleLR(optimizer, schedule)


def train(model, optimizer, scheduler, stop):
    """Train up to step `stop`, and return the rate of each step."""
    rates = []
    while scheduler.last_epoch < stop:
        optimizer.zero_grad()
        loss = torch.nn.functional.mse_loss(model(x), y)
        loss.backward()
        rates += scheduler.get_last_lr()
        optimizer.step()
        scheduler.step()
    print(f"step {stop}  last rate {rates[-1]:.6f}  loss {loss.item():.6f}")
    return rates


print("without a stop")
whole = new_training()
rates = train(*whole, TOTAL_STEPS)

print("with a stop")
first = new_training()
rates_in_parts = train(*first, HALF)
torch.save([part.state_dict() for part in first], "checkpoint.pt")

second = new_training()
for part, state in zip(second, torch.load("checkpoint.pt", weights_only=True), strict=True):
    part.load_state_dict(state)
print(f"resumed at step {second[2].last_epoch} of {TOTAL_STEPS}")
rates_in_parts += train(*second, TOTAL_STEPS)

print(f"same rates: {rates_in_parts == rates == schedule.table(TOTAL_STEPS).tolist()}")
print(f"same weights: {torch.equal(second[0].weight, whole[0].weight)}")
