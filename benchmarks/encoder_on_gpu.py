"""How fast a GPU embeds what reports are cut into; prints Markdown.  Needs PyTorch with CUDA and transformers.

    python benchmarks/encoder_on_gpu.py --lengths DIRECTORY > lengths.json   # here: characters of the texts of real reports
    python benchmarks/encoder_on_gpu.py lengths.json                         # there

The encoder has the shape of multilingual-e5-small and random weights, which makes no difference to its speed; texts have the
lengths of real ones, sorted as sentence-transformers sorts them.  Cutting texts into tokens is not counted: that is done on
the processor, beside it.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

TOKENS = 0.7
"""Of a character, for the tokeniser of multilingual-e5."""
ADDED = 6
"""Tokens of the prompt, and those that begin and end a text."""
BATCHES = (256, 1024, 4096)


def lengths_of(directory: Path) -> list[int]:
    """Return the characters of the texts that are embedded of the reports in a directory."""
    import numpy as np

    from reportqa import embedding
    from reportqa.composing import composed
    from reportqa.gathering import gather
    from reportqa.milvus_store import Draft

    found: list[int] = []
    for report in gather([directory]).reports:
        draft = Draft.of(report, embedding.load())
        own = np.ones(len(draft.texts), dtype=bool)
        own[composed(draft.units).rows] = False
        found += [len(text) for text, kept in zip(draft.texts, own, strict=True) if kept]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("lengths", type=Path, nargs="?")
    parser.add_argument("--lengths", dest="directory", type=Path, help="print the lengths of these reports' texts")
    options = parser.parse_args()
    if options.directory:
        json.dump(lengths_of(options.directory), sys.stdout)
        return
    import torch
    from transformers import BertConfig, BertModel

    lengths = sorted(json.loads(options.lengths.read_text(encoding="utf-8")), reverse=True)
    vocabulary = 250_037
    shape = BertConfig(
        vocab_size=vocabulary,
        hidden_size=384,
        num_hidden_layers=12,
        num_attention_heads=12,
        intermediate_size=1536,
    )
    network: Any = BertModel(shape)
    model = network.eval().half().cuda()
    print(f"{torch.cuda.get_device_name()}, float16, {len(lengths):,} texts of {sum(lengths):,} characters\n")
    print("| texts at once | characters a second, millions | tokens a second, millions |\n|---:|---:|---:|")
    for size in BATCHES:
        best = float("inf")
        for _ in range(3):
            torch.cuda.synchronize()
            begun = time.perf_counter()
            for start in range(0, len(lengths), size):
                tokens = torch.tensor([min(512, round(TOKENS * n) + ADDED) for n in lengths[start : start + size]])
                mask = (torch.arange(int(tokens[0]))[None] < tokens[:, None]).cuda()
                ids = torch.randint(0, vocabulary, mask.shape, device="cuda")
                with torch.inference_mode():
                    states = model(input_ids=ids, attention_mask=mask.long()).last_hidden_state
                    pooled = (states * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
                    pooled.float().cpu()
            torch.cuda.synchronize()
            best = min(best, time.perf_counter() - begun)
        told = sum(min(512, round(TOKENS * n) + ADDED) for n in lengths)
        print(f"| {size:,} | {sum(lengths) / best / 1e6:.2f} | {told / best / 1e6:.2f} |")


if __name__ == "__main__":
    main()
