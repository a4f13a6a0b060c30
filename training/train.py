"""Train the reader; every few hundred steps it writes a checkpoint, from which the same command goes on.

    python -m training.train --work DIR --steps 4000 [--threads 1] [--layers 0,1,2,3,4,5]

DIR holds what training.prepare wrote: examples.npz and vocabulary.json.  The loss of a question is the negative log of
the share of the right candidate among all, plus whether each candidate answers, plus where the answer starts and ends.
"""

from __future__ import annotations

import argparse
import json
import time
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from training import bundled, network
from training.examples import GROUP

BATCH = 12
"""Questions of a step."""
SHARE = 16
"""Pairs that are read at once."""
POOL = 40
"""Batches whose pairs are sorted by length together."""
HELD_OUT = 50
"""Each so-manieth example is kept for measuring."""


class Data:
    """The tokenised examples: pairs one after another, GROUP of them a question."""

    def __init__(self, path: Path) -> None:
        file = np.load(path)
        self.tokens, self.offsets = file["tokens"], file["offsets"]
        self.right, self.starts, self.ends = file["right"], file["starts"], file["ends"]
        self.lengths = np.diff(self.offsets).reshape(-1, GROUP).max(axis=1)
        held = np.arange(len(self.right)) % HELD_OUT == 0
        self.held, self.learnt = np.flatnonzero(held), np.flatnonzero(~held)

    def batch(self, chosen: NDArray[np.int64]) -> dict[str, torch.Tensor]:
        """Return the padded ids and mask, (questions × GROUP, length), and the labels, (questions,)."""
        pairs = (chosen[:, None] * GROUP + np.arange(GROUP)).ravel()
        long = int(np.diff(self.offsets)[pairs].max())
        ids = np.zeros((len(pairs), long), dtype=np.int64)
        for row, pair in enumerate(pairs):
            piece = self.tokens[self.offsets[pair] : self.offsets[pair + 1]]
            ids[row, : len(piece)] = piece
        tensors = {"ids": ids, "mask": (ids > 0).astype(np.int64), "right": self.right[chosen]}
        tensors |= {"start": self.starts[chosen], "end": self.ends[chosen]}
        return {name: torch.from_numpy(np.asarray(value)) for name, value in tensors.items()}


def halved() -> AbstractContextManager[object]:
    """Compute in half precision where the processor does: elsewhere it is emulated, at sixteen times the cost."""
    return torch.autocast("cpu", torch.bfloat16, enabled=torch.cpu._is_avx512_bf16_supported())


def read(model: network.Reader, batch: dict[str, torch.Tensor]) -> tuple[torch.Tensor, ...]:
    """Return the network's outputs for a batch, read in shares of pairs of about one length: padding costs time."""
    order = batch["mask"].sum(1).argsort()
    shares = []
    for rows in torch.split(order, SHARE):
        long = int(batch["mask"][rows].sum(1).max())
        outputs = [out.float() for out in model(batch["ids"][rows, :long], batch["mask"][rows, :long])]
        short = batch["ids"].shape[1] - long
        shares.append([*outputs[:2], *(functional.pad(out, (0, short), value=-30.0) for out in outputs[2:])])
    back = order.argsort()
    return tuple(torch.cat(parts)[back] for parts in zip(*shares, strict=True))


def loss_of(model: network.Reader, batch: dict[str, torch.Tensor]) -> torch.Tensor:
    relevance, answers, starts, ends = read(model, batch)
    right, yes = batch["right"], batch["right"] >= 0
    real = batch["mask"].sum(1) > 4
    relevance = relevance.masked_fill(~real, -30).view(-1, GROUP)
    label = functional.one_hot(right.clamp(min=0), GROUP).float() * yes[:, None]
    judged = functional.binary_cross_entropy_with_logits(answers.view(-1, GROUP), label, reduction="none")
    weights = real.view(-1, GROUP).float() * (1 + label)
    total = (judged * weights).sum() / weights.sum()
    if yes.any():
        rank = functional.cross_entropy(relevance[yes], right[yes])
        rows = torch.arange(len(right))[yes] * GROUP + right[yes]
        hidden = ~batch["mask"][rows].bool()
        first = functional.cross_entropy(starts[rows].masked_fill(hidden, -30), batch["start"][yes])
        last = functional.cross_entropy(ends[rows].masked_fill(hidden, -30), batch["end"][yes])
        total = 1.5 * total + rank + 0.4 * (first + last)
    return total


@torch.no_grad()
def measure(model: network.Reader, data: Data) -> dict[str, float]:
    """Return how often the right candidate is ranked first, how well answering ones are told, how much of spans is met."""
    model.eval()
    picked: list[bool] = []
    met: list[float] = []
    yes: list[float] = []
    no: list[float] = []
    for at in range(0, len(data.held), 16):
        chosen = data.held[at : at + 16]
        batch = data.batch(chosen)
        with halved():
            relevance, answers, starts, ends = read(model, batch)
        relevance, answers = relevance.view(-1, GROUP), answers.view(-1, GROUP)
        for row, right in enumerate(data.right[chosen]):
            best = int(relevance[row].argmax())
            (yes if right >= 0 else no).append(float(answers[row].max()))
            if right >= 0:
                picked.append(best == right)
                pair = row * GROUP + right
                a, b = int(starts[pair].argmax()), int(ends[pair].argmax())
                c, d = int(data.starts[chosen][row]), int(data.ends[chosen][row])
                met.append(max(0, min(b, d) - max(a, c) + 1) / max(max(b, d) - min(a, c) + 1, 1))
    model.train()
    told = np.mean([np.mean(np.array(yes) > value) for value in no]) if no else 0.0
    return {"picked": float(np.mean(picked)), "span": float(np.mean(met)), "auroc": float(told)}


def order(data: Data, seed: int) -> Any:
    """Yield batches of question numbers for ever, those of a batch of about one length."""
    chance = np.random.default_rng(seed)
    while True:
        mixed = chance.permutation(data.learnt)
        for at in range(0, len(mixed) - BATCH * POOL, BATCH * POOL):
            pool = mixed[at : at + BATCH * POOL]
            pool = pool[np.argsort(data.lengths[pool], kind="stable")].reshape(-1, BATCH)
            yield from chance.permutation(pool)


def fresh(work: Path, layers: list[int]) -> network.Reader:
    """Return the untrained reader."""
    vocabulary = json.loads((work / "vocabulary.json").read_text(encoding="utf-8"))
    encoder = network.encoder(bundled.read(), vocabulary["kept"], layers)
    for module in encoder.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0  # costs a tenth of the time, and one pass over the data does not overfit
    return network.Reader(encoder)


def optimizer_of(model: network.Reader, rate: float) -> torch.optim.Optimizer:
    """Return an AdamW that moves the heads, which start from nothing, four times as fast."""
    heads = [*model.judge.parameters(), *model.span.parameters()]
    words = [model.encoder.embeddings.word_embeddings.weight]
    own = {id(parameter) for parameter in (*heads, *words)}
    rest = [parameter for parameter in model.parameters() if id(parameter) not in own]
    groups = [
        {"params": rest, "lr": rate, "scale": 1.0},
        {"params": words, "lr": rate, "scale": 1.0, "weight_decay": 0.0},
        {"params": heads, "lr": rate, "scale": 4.0},
    ]
    return torch.optim.AdamW(groups, weight_decay=0.01, fused=True)


def save(path: Path, model: network.Reader, optimizer: torch.optim.Optimizer, step: int, layers: list[int]) -> None:
    """Write a checkpoint in place of the one before."""
    state = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "step": step, "layers": layers}
    torch.save(state, path.with_suffix(".new"))
    path.with_suffix(".new").replace(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--examples", default="examples.npz")
    parser.add_argument("--checkpoint", default="checkpoint.pt", help="written, and gone on from where it exists")
    parser.add_argument("--start", help="a checkpoint to take the weights of, for a second course")
    parser.add_argument("--layers", default="0,1,2,3,4,5")
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--rate", type=float, default=1.2e-4)
    parser.add_argument("--every", type=int, default=200)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    torch.set_num_threads(chosen.threads)
    torch.manual_seed(chosen.seed)
    data = Data(chosen.work / chosen.examples)
    layers = [int(layer) for layer in chosen.layers.split(",")]
    model = fresh(chosen.work, layers)
    optimizer = optimizer_of(model, chosen.rate)
    path = chosen.work / chosen.checkpoint
    step = 0
    if path.exists():
        saved = torch.load(path, weights_only=False)
        model.load_state_dict(saved["model"])
        optimizer.load_state_dict(saved["optimizer"])
        step = saved["step"]
    elif chosen.start:
        model.load_state_dict(torch.load(chosen.work / chosen.start, weights_only=False)["model"])
    batches = order(data, chosen.seed)
    for _ in range(step):
        next(batches)
    log = (chosen.work / f"{path.stem}.jsonl").open("a", encoding="utf-8")
    losses, began, cpu = [], time.time(), time.process_time()
    model.train()
    while step < chosen.steps:
        step += 1
        pace = min(1.0, step / 150) * max(0.05, 1 - step / chosen.steps)
        for entry in optimizer.param_groups:
            entry["lr"] = chosen.rate * entry["scale"] * pace
        with halved():
            loss = loss_of(model, data.batch(next(batches)))
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        losses.append(float(loss.detach()))
        if step % chosen.every == 0 or step == chosen.steps:
            save(path, model, optimizer, step, layers)
            record = {"step": step, "loss": round(float(np.mean(losses)), 4), **measure(model, data)}
            record |= {"seconds": round(time.time() - began), "cpu": round(time.process_time() - cpu)}
            print(json.dumps(record), file=log, flush=True)
            losses.clear()


if __name__ == "__main__":
    main()
