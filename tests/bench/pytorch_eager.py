#!/usr/bin/env python3
# SPDX-FileCopyrightText: The Krater authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The training step of bench_training in PyTorch eager mode: the same GPT-2, the same batches, the same AdamW
(fused=True, decay on matrices only), clipping and learning rate, as a careful user would write it.

Prints one JSON line like bench_training's. With --weights it starts from the weights that bench_training wrote, so
that the losses of both can be compared step by step. compare_training.py runs both and says what it needs.
"""

import argparse
import json
import math
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

NUM_BATCHES = 8


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.ln_1 = nn.LayerNorm(width, bias=False)
        self.c_attn = nn.Linear(width, 3 * width, bias=False)
        self.attn_c_proj = nn.Linear(width, width, bias=False)
        self.ln_2 = nn.LayerNorm(width, bias=False)
        self.c_fc = nn.Linear(width, 4 * width, bias=False)
        self.mlp_c_proj = nn.Linear(4 * width, width, bias=False)

    def forward(self, x):
        B, T, C = x.shape
        q, k, v = self.c_attn(self.ln_1(x)).split(C, dim=2)
        q, k, v = (t.view(B, T, self.heads, C // self.heads).transpose(1, 2) for t in (q, k, v))
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.attn_c_proj(y.transpose(1, 2).contiguous().view(B, T, C))
        return x + self.mlp_c_proj(F.gelu(self.c_fc(self.ln_2(x)), approximate="tanh"))


class GPT(nn.Module):
    def __init__(self, a):
        super().__init__()
        self.wte = nn.Embedding(a.vocabulary, a.width)
        self.wpe = nn.Embedding(a.context, a.width)
        self.h = nn.ModuleList(Block(a.width, a.heads) for _ in range(a.layers))
        self.ln_f = nn.LayerNorm(a.width, bias=False)
        for name, p in self.named_parameters():
            if p.dim() == 2:
                nn.init.normal_(p, std=0.02 / (math.sqrt(2 * a.layers) if name.endswith("c_proj.weight") else 1))

    def forward(self, inputs, targets):
        x = self.wte(inputs) + self.wpe(torch.arange(inputs.size(1), device=inputs.device))
        for block in self.h:
            x = block(x)
        logits = F.linear(self.ln_f(x), self.wte.weight)
        return F.cross_entropy(logits.view(-1, logits.size(-1)), targets.reshape(-1))


def load_weights(model, path):
    with open(path, "rb") as file:
        data = file.read()
    header, data = data.split(b"\n\n", 1)
    own = dict(model.named_parameters())
    offset = 0
    for line in header.decode().splitlines():
        name, *shape = line.split()
        shape = [int(length) for length in shape]
        size = math.prod(shape)
        tensor = torch.frombuffer(bytearray(data[offset : offset + 4 * size]), dtype=torch.float32).view(shape)
        offset += 4 * size
        name = name.removeprefix("model.").replace("attn.c_proj", "attn_c_proj").replace("mlp.c_proj", "mlp_c_proj")
        name = name.replace("attn.c_attn", "c_attn").replace("mlp.c_fc", "c_fc")
        with torch.no_grad():
            # Krater keeps matrices as [in, out], nn.Linear as [out, in].
            own.pop(name).copy_(tensor.t() if ".c_" in name or "_c_" in name else tensor)
    assert not own, own.keys()


def batches(a):
    state = 1
    for _ in range(NUM_BATCHES):
        tokens = []
        for _ in range(a.sequences * (a.context + 1)):
            state = (1103515245 * state + 12345) & 0x7FFFFFFF
            tokens.append((state >> 12) % a.vocabulary)
        yield torch.tensor(tokens).view(a.sequences, a.context + 1)


def main():
    parser = argparse.ArgumentParser()
    for name, value in dict(layers=4, width=128, heads=4, context=256, vocabulary=257, sequences=16, threads=1, steps=30, warmup=3).items():
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--learning-rate", type=float, default=1e-3)
    parser.add_argument("--weights")
    a = parser.parse_args()
    torch.set_num_threads(a.threads)
    torch.manual_seed(1)
    model = GPT(a)
    if a.weights:
        load_weights(model, a.weights)
    matrices = [p for p in model.parameters() if p.dim() == 2]
    gains = [p for p in model.parameters() if p.dim() != 2]
    groups = [dict(params=matrices, weight_decay=0.1), dict(params=gains, weight_decay=0.0)]
    optimizer = torch.optim.AdamW(groups, lr=a.learning_rate, betas=(0.9, 0.95), fused=True)
    data = list(batches(a))
    losses, step_ms = [], []
    for step in range(a.warmup + a.steps):
        start = time.perf_counter()
        batch = data[step % NUM_BATCHES]
        loss = model(batch[:, :-1], batch[:, 1:])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item())
        if step >= a.warmup:
            step_ms.append(1000 * (time.perf_counter() - start))
    median = sorted(step_ms)[len(step_ms) // 2]
    print(
        json.dumps(
            dict(
                engine=f"PyTorch {torch.__version__}",
                parameters=sum(p.numel() for p in model.parameters()),
                tokens_per_second=round(1000 * a.sequences * a.context / median),
                median_ms=round(median, 3),
                losses=[round(x, 7) for x in losses],
                step_ms=[round(x, 3) for x in step_ms],
            )
        )
    )


main()
