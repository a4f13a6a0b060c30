"""The reader's network: the lower layers of multilingual-e5-small under three small heads."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn
from transformers import BertConfig, BertModel

from training.bundled import Bundled


class Reader(nn.Module):
    """Reads question and candidate together.

    Returns, for input ids (pairs, length) and their mask: relevance (pairs,), to be compared within a question; whether
    the candidate answers (pairs,), a logit; starts and ends (pairs, length), logits.
    """

    def __init__(self, encoder: BertModel) -> None:
        super().__init__()
        self.encoder = encoder
        size = encoder.config.hidden_size
        self.judge = nn.Sequential(nn.Dropout(0.1), nn.Linear(size, size), nn.Tanh(), nn.Linear(size, 2))
        self.span = nn.Linear(size, 2)

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        """Return relevance, answers, starts, ends, as above."""
        hidden = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        judged = self.judge(hidden[:, 0])
        ends = self.span(hidden)
        return judged[:, 0], judged[:, 1], ends[..., 0], ends[..., 1]


def encoder(bundled: Bundled, chosen: Sequence[int], layers: Sequence[int], positions: int = 160) -> BertModel:
    """Return the encoder with the word embeddings of the ``chosen`` pieces and the ``layers`` named."""
    sizes = bundled.sizes
    config = BertConfig(
        vocab_size=len(chosen),
        hidden_size=sizes["hidden"],
        num_hidden_layers=len(layers),
        num_attention_heads=sizes["heads"],
        intermediate_size=sizes["inner"],
        max_position_embeddings=positions,
        type_vocab_size=1,
        layer_norm_eps=bundled.epsilon,
        pad_token_id=0,
    )
    model = BertModel(config, add_pooling_layer=False)
    hidden, inner = sizes["hidden"], sizes["inner"]
    words = bundled.matrix("emb.word", sizes["words"], hidden)
    state = {
        "embeddings.word_embeddings.weight": words[list(chosen)],
        "embeddings.position_embeddings.weight": bundled.vector("emb.pos", positions * hidden).reshape(-1, hidden),
        "embeddings.token_type_embeddings.weight": bundled.vector("emb.type", hidden).reshape(1, hidden),
        "embeddings.LayerNorm.weight": bundled.vector("emb.ln.w", hidden),
        "embeddings.LayerNorm.bias": bundled.vector("emb.ln.b", hidden),
    }
    parts = {
        "q": ("attention.self.query", hidden, hidden),
        "k": ("attention.self.key", hidden, hidden),
        "v": ("attention.self.value", hidden, hidden),
        "ao": ("attention.output.dense", hidden, hidden),
        "fi": ("intermediate.dense", inner, hidden),
        "fo": ("output.dense", hidden, inner),
    }
    for new, old in enumerate(layers):
        for short, (long, rows, columns) in parts.items():
            state[f"encoder.layer.{new}.{long}.weight"] = bundled.matrix(f"l{old}.{short}.w", rows, columns)
            state[f"encoder.layer.{new}.{long}.bias"] = bundled.vector(f"l{old}.{short}.b", rows)
        for short, long in (("aln", "attention.output.LayerNorm"), ("oln", "output.LayerNorm")):
            state[f"encoder.layer.{new}.{long}.weight"] = bundled.vector(f"l{old}.{short}.w", hidden)
            state[f"encoder.layer.{new}.{long}.bias"] = bundled.vector(f"l{old}.{short}.b", hidden)
    missing, unexpected = model.load_state_dict({k: torch.from_numpy(v) for k, v in state.items()}, strict=False)
    assert not unexpected, unexpected
    assert all("position_ids" in name or "token_type_ids" in name for name in missing), missing
    return model
