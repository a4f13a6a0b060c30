"""Write a checkpoint as the directory that reportqa loads: an int8 network, its tokenizer, its manifest.

python -m training.export --work DIR --checkpoint two.pt --out READER_DIR [--weight 0.5]
"""

from __future__ import annotations

import argparse
import json
import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic

from reportqa import onnxreader
from training import bundled, network
from training.vocabulary import tokenizer


def export(model: network.Reader, vocabulary: dict[str, Any], out: Path, manifest: dict[str, Any]) -> float:
    """Write the reader into the directory ``out``; return the largest difference of an output from the float network's."""
    out.mkdir(parents=True, exist_ok=True)
    model.eval()
    ids = torch.randint(4, len(vocabulary["kept"]), (2, 24))
    inputs = (ids, torch.ones_like(ids))
    names = ["relevance", "answers", "starts", "ends"]
    axes = {name: {0: "pairs", 1: "length"} for name in ("ids", "mask", "starts", "ends")}
    axes |= {name: {0: "pairs"} for name in names[:2]}
    path = str(out / onnxreader.MODEL)
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter traces shapes, and says so at each of them
        full = str(Path(folder) / "full.onnx")
        torch.onnx.export(
            model, inputs, full, input_names=["ids", "mask"], output_names=names, dynamic_axes=axes, dynamo=False
        )
        quantize_dynamic(full, path, weight_type=QuantType.QInt8, per_channel=True)
    unknown = vocabulary["pieces"].index(onnxreader.UNKNOWN)
    tokenizer(vocabulary["pieces"], vocabulary["scores"], unknown).save(str(out / onnxreader.TOKENIZER))
    entry = {"format": onnxreader.FORMAT, **manifest}
    (out / onnxreader.MANIFEST).write_text(json.dumps(entry) + "\n", encoding="utf-8")
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    given = session.run(None, {"ids": inputs[0].numpy(), "mask": inputs[1].numpy()})
    with torch.no_grad():
        wanted = [output.numpy() for output in model(*inputs)]
    return max(float(np.abs(one - other).max()) for one, other in zip(given, wanted, strict=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--checkpoint", default="checkpoint.pt")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--weight", type=float, default=0.2, help="of the relevance, as benchmarks/reader.py fits it")
    chosen = parser.parse_args()
    saved = torch.load(chosen.work / chosen.checkpoint, weights_only=False)
    vocabulary = json.loads((chosen.work / "vocabulary.json").read_text(encoding="utf-8"))
    model = network.Reader(network.encoder(bundled.read(), vocabulary["kept"], saved["layers"]))
    model.load_state_dict(saved["model"])
    manifest = {"weight": chosen.weight, "steps": saved["step"], "layers": saved["layers"]}
    apart = export(model, vocabulary, chosen.out, manifest)
    size = sum(file.stat().st_size for file in chosen.out.iterdir())
    print(f"{size / 1e6:.1f} MB; largest difference of an output from the float network's: {apart:.3f}")


if __name__ == "__main__":
    main()
